import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../std/index.ts';
import { type Subject, writeCertificate } from './certificate.ts';
import { readIfThere, writePrivately } from './files.ts';

export interface Credential {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS 8. */
  readonly key: string;
}

/** Everything that the server needs to be known and to know its clients. */
export interface Pki {
  /** PEM of the home's own authority. */
  readonly authority: string;
  readonly server: Credential;
  /** The administrator's, for the kubeconfig. */
  readonly admin: Credential;
  /** 32 bytes that Secrets are encrypted with. */
  readonly secretsKey: Buffer;
  /** When the first of the certificates should be renewed: call `ensurePki` again from then on. */
  readonly renewAtMs: number;
}

export interface PkiOptions {
  /** Directory for keys and certificates; created 0700. */
  readonly directory: string;
  /** Names and addresses under which the server is reached. A certificate that lacks one is renewed. */
  readonly serverNames: readonly string[];
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;
/** Certificates are renewed when less than this is left of them. */
const RENEW_BEFORE_MS = 60 * DAY_MS;
/** Clocks of clients may be behind. */
const BACKDATE_MS = 3_600_000;
const ADMIN: Subject = { commonName: 'kubernetes-admin', organizations: ['system:masters'] };
const SERVER: Subject = { commonName: 'kube-apiserver' };

/** A file of the PKI is there but cannot be used. Nothing is overwritten: running workloads and kubeconfigs depend on it. */
class PkiError extends Error {
  readonly code = 'ERR_PKI';
}

/** Makes what is missing or about to expire, and returns it all. The authority is made once; clients trust it for ten years. */
export async function ensurePki({ directory, serverNames, clock }: PkiOptions): Promise<Pki> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const nowMs = clock.now();
  const authority = await ensure(
    directory,
    'ca',
    nowMs,
    () => true,
    (key) => selfSigned(key, nowMs),
  );
  const authorityKey = createPrivateKey(authority.key);
  const issuer = { commonName: subjectName(authority.certificate) };
  const signed = (subject: Subject, use: 'server' | 'client', names: readonly string[]) => (key: KeyObject) =>
    writeCertificate({
      subject,
      use,
      names,
      publicKey: createPublicKey(key),
      issuer,
      issuerKey: authorityKey,
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: nowMs + LEAF_DAYS * DAY_MS,
    });
  const issuedByUs = (certificate: X509Certificate) => certificate.verify(createPublicKey(authorityKey));
  const hasNames = (certificate: X509Certificate) =>
    serverNames.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined);
  const server = await ensure(directory, 'apiserver', nowMs, (one) => issuedByUs(one) && hasNames(one), signed(SERVER, 'server', serverNames));
  const admin = await ensure(directory, 'admin', nowMs, issuedByUs, signed(ADMIN, 'client', []));
  const ends = [server, admin].map(({ certificate }) => Date.parse(new X509Certificate(certificate).validTo));
  return { authority: authority.certificate, server, admin, secretsKey: await ensureSecretsKey(directory), renewAtMs: Math.min(...ends) - RENEW_BEFORE_MS };
}

/** What is on disk when it is still good, and a new certificate (for the same key, when there is one) otherwise. */
async function ensure(
  directory: string,
  name: string,
  nowMs: number,
  usable: (certificate: X509Certificate) => boolean,
  issue: (key: KeyObject) => string,
): Promise<Credential> {
  const keyPath = join(directory, `${name}.key`);
  const certificatePath = join(directory, `${name}.crt`);
  let key = await readIfThere(keyPath);
  const certificate = await readIfThere(certificatePath);
  if (key === undefined && certificate !== undefined && name === 'ca')
    throw new PkiError(`${certificatePath} is there but ${keyPath} is not: restore the key, or remove the directory to start anew`);
  if (key !== undefined && certificate !== undefined && stillGood(certificate, certificatePath, key, nowMs, usable)) return { certificate, key };
  if (key === undefined) {
    key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await writePrivately(keyPath, key);
  }
  const issued = issue(readKey(key, keyPath));
  await writePrivately(certificatePath, issued);
  return { certificate: issued, key };
}

function stillGood(pem: string, path: string, key: string, nowMs: number, usable: (certificate: X509Certificate) => boolean): boolean {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new PkiError(`${path} is not a certificate: restore it, or remove it and its key to have new ones made`, { cause: error });
  }
  return certificate.checkPrivateKey(readKey(key, path)) && Date.parse(certificate.validTo) - nowMs > RENEW_BEFORE_MS && usable(certificate);
}

function readKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new PkiError(`the private key of ${path} cannot be read: restore it, or remove it with its certificate to have new ones made`, { cause: error });
  }
}

function selfSigned(key: KeyObject, nowMs: number): string {
  // The name is different for every home, so that clients never take one home's authority for another's.
  const subject = { commonName: `drover-${randomBytes(4).toString('hex')}` };
  return writeCertificate({
    subject,
    issuer: subject,
    publicKey: createPublicKey(key),
    issuerKey: key,
    use: 'authority',
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: nowMs + AUTHORITY_DAYS * DAY_MS,
  });
}

const subjectName = (pem: string): string => /CN=(.*)/.exec(new X509Certificate(pem).subject)?.[1] ?? '';

async function ensureSecretsKey(directory: string): Promise<Buffer> {
  const path = join(directory, 'secrets.key');
  const known = await readIfThere(path);
  if (known !== undefined) {
    const key = Buffer.from(known.trim(), 'base64');
    if (key.length !== 32) throw new PkiError(`${path} does not hold a key of 32 bytes: restore it from a backup; without it stored Secrets cannot be read`);
    return key;
  }
  const key = randomBytes(32);
  await writePrivately(path, `${key.toString('base64')}\n`);
  return key;
}
