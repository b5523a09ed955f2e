import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { ensurePki } from './ensure-pki.ts';

const DAY_MS = 86_400_000;

describe('the certificates of a home', () => {
  let directory: string;
  let clock: ManualClock;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drover-pki-'));
    clock = new ManualClock();
    clock.advance(Date.now() - clock.now());
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const ensure = (serverNames: readonly string[] = ['localhost', '127.0.0.1', '::1']) => ensurePki({ directory, serverNames, clock });

  it('are made once, readable by their owner only', async () => {
    const first = await ensure();
    expect(await ensure()).toEqual(first);
    for (const name of ['ca.key', 'ca.crt', 'apiserver.key', 'admin.key', 'secrets.key']) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(first.secretsKey).toHaveLength(32);
  });

  it('say who they are and for what names', async () => {
    const { authority, server, admin } = await ensure();
    const ca = new X509Certificate(authority);
    const [one, two] = [new X509Certificate(server.certificate), new X509Certificate(admin.certificate)];
    expect([ca.ca, one.ca, one.verify(ca.publicKey), two.verify(ca.publicKey), one.checkIssued(ca)]).toEqual([true, false, true, true, true]);
    expect(one.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect(two.subject).toBe('O=system:masters\nCN=kubernetes-admin');
  });

  it('are renewed for new names and before they end, with the same authority', async () => {
    const first = await ensure();
    const renamed = await ensure(['localhost', '10.0.0.1']);
    expect(renamed.authority).toBe(first.authority);
    expect(renamed.server.certificate).not.toBe(first.server.certificate);
    expect(renamed.admin).toEqual(first.admin);
    clock.advance(310 * DAY_MS);
    expect(clock.now()).toBeGreaterThan(renamed.renewAtMs);
    const later = await ensure(['localhost', '10.0.0.1']);
    expect([later.authority, later.admin.key]).toEqual([first.authority, first.admin.key]);
    expect(later.admin.certificate).not.toBe(first.admin.certificate);
  });

  it('are never replaced silently when a file is damaged or its key is gone', async () => {
    await ensure();
    writeFileSync(join(directory, 'admin.crt'), 'nonsense');
    await expect(ensure()).rejects.toThrow('admin.crt is not a certificate');
    unlinkSync(join(directory, 'admin.crt'));
    await ensure();
    unlinkSync(join(directory, 'ca.key'));
    await expect(ensure()).rejects.toThrow('restore the key');
  });

  it('are accepted by TLS on both sides', async () => {
    const { authority, server, admin } = await ensure();
    const listener = createServer({ cert: server.certificate, key: server.key, ca: authority, requestCert: true, rejectUnauthorized: true });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', () => resolve()));
    const { port } = listener.address() as AddressInfo;
    const subject = await new Promise((resolve, reject) => {
      listener.once('secureConnection', (socket) => resolve(socket.getPeerCertificate().subject));
      const socket = connect({ host: '127.0.0.1', port, ca: authority, cert: admin.certificate, key: admin.key, servername: 'localhost' }, () => socket.end());
      socket.once('error', reject);
    });
    expect({ ...(subject as object) }).toEqual({ O: 'system:masters', CN: 'kubernetes-admin' });
    await new Promise((resolve) => listener.close(resolve));
  });
});
