import { isAbsolute, resolve } from 'node:path';
import { type Kubeconfig, KubeconfigError, type KubeconfigExec } from './kubeconfig.ts';

/** What an exec plugin gave. */
export interface Credential {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expiresAtMs?: number;
}

const PLUGIN_LIMIT_MS = 60_000;
const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** Runs a kubeconfig's exec plugin (client.authentication.k8s.io v1 and v1beta1) for at most a minute. Its stderr is passed on when it fails. */
export async function runCredentialPlugin(plugin: KubeconfigExec, cluster: Kubeconfig['clusters'][string], directory: string): Promise<Credential> {
  if (!VERSIONS.includes(plugin.apiVersion)) {
    throw new KubeconfigError(`exec plugin ${plugin.command}: apiVersion ${plugin.apiVersion} is not supported; expected one of ${VERSIONS.join(', ')}`);
  }
  // A command with a slash is relative to the kubeconfig; a bare name is looked up in PATH.
  const command = plugin.command.includes('/') && !isAbsolute(plugin.command) ? resolve(directory, plugin.command) : plugin.command;
  const info = {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const env = {
    ...process.env,
    ...Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  const { execFile } = await import('node:child_process');
  const output = await new Promise<string>((done, reject) => {
    execFile(command, [...(plugin.args ?? [])], { env, timeout: PLUGIN_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 20 }, (cause, stdout, stderr) => {
      if (!cause) return done(stdout);
      const hint = plugin.installHint ? `\n${plugin.installHint}` : '';
      reject(new KubeconfigError(`exec plugin ${plugin.command} failed: ${cause.message.trim()}${stderr ? `\n${stderr.trim()}` : ''}${hint}`, { cause }));
    });
  });
  return parseCredential(output, plugin.command);
}

function parseCredential(output: string, command: string): Credential {
  let parsed: { readonly kind?: unknown; readonly status?: Credential & { readonly expirationTimestamp?: string } };
  try {
    parsed = JSON.parse(output);
  } catch (cause) {
    throw new KubeconfigError(`exec plugin ${command}: its output is not JSON`, { cause });
  }
  const status = parsed?.status;
  if (parsed?.kind !== 'ExecCredential' || !status || !(status.token || (status.clientCertificateData && status.clientKeyData))) {
    throw new KubeconfigError(`exec plugin ${command}: expected an ExecCredential with a token, or a client certificate and key, in its status`);
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status;
  return {
    ...(token ? { token } : {}),
    ...(clientCertificateData && clientKeyData ? { clientCertificateData, clientKeyData } : {}),
    ...(expirationTimestamp ? { expiresAtMs: Date.parse(expirationTimestamp) } : {}),
  };
}

const clusterInfo = (cluster: Kubeconfig['clusters'][string]): unknown => ({
  server: cluster.server,
  ...(cluster['certificate-authority-data'] ? { 'certificate-authority-data': cluster['certificate-authority-data'] } : {}),
  ...(cluster['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
  ...(cluster['tls-server-name'] ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
});
