import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toYaml } from '../../apimachinery/index.ts';
import type { Pki } from './ensure-pki.ts';
import { readIfThere, writePrivately } from './files.ts';

export interface KubeconfigOptions {
  /** Name of cluster, user and context. */
  readonly name: string;
  /** https://127.0.0.1:6443 */
  readonly server: string;
  readonly pki: Pick<Pki, 'authority' | 'admin'>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig for the administrator, with everything inside it. */
export const kubeconfigText = ({ name, server, pki }: KubeconfigOptions): string =>
  toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(pki.authority) } }],
    users: [{ name, user: { 'client-certificate-data': base64(pki.admin.certificate), 'client-key-data': base64(pki.admin.key) } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
    preferences: {},
  });

/** Writes the kubeconfig, 0600, when it differs from what is there. Returns whether it was written. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<boolean> {
  const text = kubeconfigText(options);
  if ((await readIfThere(path)) === text) return false;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writePrivately(path, text);
  return true;
}
