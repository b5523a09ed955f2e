import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Transport } from '../../apimachinery/index.ts';
import { type Clock, errorText, systemClock } from '../../std/index.ts';
import { httpTransport } from '../http-transport.ts';
import { type Credential, runCredentialPlugin } from './exec-credential.ts';
import { type Kubeconfig, KubeconfigError, resolveContext } from './kubeconfig.ts';

/** Connection settings that an upgraded connection (exec) needs as well. */
export interface ClusterConnection {
  readonly server: URL;
  readonly namespace: string | undefined;
  /** TLS settings and headers as of now; runs an exec plugin when its credential is missing or expired. */
  readonly options: () => Promise<{ readonly request: RequestOptions; readonly headers: { readonly [name: string]: string | string[] } }>;
  /** Forgets a plugin's credential; false when there is none to renew. */
  readonly renew: () => Promise<boolean>;
}

const RENEW_EARLY_MS = 10_000;

/** How to reach the cluster of a context. Nothing is read or run before the first call of `options`. */
export function clusterConnection(config: Kubeconfig, context: string | undefined, clock: Clock = systemClock): ClusterConnection {
  const { cluster, user, context: entry } = resolveContext(config, context);
  const server = new URL(cluster.server);
  if (server.protocol !== 'https:' && server.protocol !== 'http:')
    throw new KubeconfigError(`${config.origin}: server ${cluster.server} must be an http or https URL`);

  const content = async (directory: string, data: string | undefined, file: string | undefined): Promise<Buffer | undefined> => {
    if (data) return Buffer.from(data, 'base64');
    if (!file) return undefined;
    const path = resolve(directory, file);
    try {
      return await readFile(path);
    } catch (cause) {
      throw new KubeconfigError(`${config.origin}: cannot read ${path}: ${errorText(cause)}`, { cause });
    }
  };

  let files: Promise<RequestOptions> | undefined;
  async function readFiles(): Promise<RequestOptions> {
    const ca = await content(cluster.directory, cluster['certificate-authority-data'], cluster['certificate-authority']);
    const cert = await content(user.directory, user['client-certificate-data'], user['client-certificate']);
    const key = await content(user.directory, user['client-key-data'], user['client-key']);
    const servername = cluster['tls-server-name'];
    return {
      protocol: server.protocol,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (server.protocol === 'https:' ? 443 : 80),
      ...(ca ? { ca } : {}),
      ...(cert && key ? { cert, key } : {}),
      ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
      ...(servername && isIP(servername) === 0 ? { servername } : {}),
    };
  }

  let credential: Promise<Credential> | undefined;
  async function pluginCredential(): Promise<Credential | undefined> {
    if (!user.exec) return undefined;
    credential ??= runCredentialPlugin(user.exec, cluster, user.directory);
    try {
      const known = await credential;
      if (known.expiresAtMs === undefined || known.expiresAtMs - RENEW_EARLY_MS > clock.now()) return known;
    } catch (error) {
      credential = undefined;
      throw error;
    }
    credential = runCredentialPlugin(user.exec, cluster, user.directory);
    return await credential;
  }

  async function authorization(plugin: Credential | undefined): Promise<string | undefined> {
    if (plugin?.token) return `Bearer ${plugin.token}`;
    if (user.tokenFile) return `Bearer ${(await content(user.directory, undefined, user.tokenFile))?.toString('utf8').trim() ?? ''}`;
    if (user.token) return `Bearer ${user.token}`;
    if (user.username) return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
    return undefined;
  }

  return {
    server,
    namespace: entry.namespace,
    async options() {
      files ??= readFiles();
      const request = await files;
      const plugin = await pluginCredential();
      const bearer = await authorization(plugin);
      return {
        request:
          plugin?.clientCertificateData && plugin.clientKeyData ? { ...request, cert: plugin.clientCertificateData, key: plugin.clientKeyData } : request,
        headers: {
          ...(bearer ? { authorization: bearer } : {}),
          ...(user.as ? { 'impersonate-user': user.as } : {}),
          ...(user['as-uid'] ? { 'impersonate-uid': user['as-uid'] } : {}),
          ...(user['as-groups'] && user['as-groups'].length > 0 ? { 'impersonate-group': [...user['as-groups']] } : {}),
        },
      };
    },
    async renew() {
      if (!user.exec || !credential) return false;
      credential = undefined;
      return true;
    },
  };
}

/** To any cluster named in a kubeconfig. Without a context the current one is taken. Throws KubeconfigError. */
export function kubeconfigTransport(config: Kubeconfig, context?: string): Transport {
  const { server, options, renew } = clusterConnection(config, context);
  return httpTransport({ name: server.origin, secure: server.protocol === 'https:', basePath: server.pathname.replace(/\/$/, ''), options, renew });
}
