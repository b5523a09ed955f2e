/** What of a kubeconfig is acted on; see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. */
interface KubeconfigCluster {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

export interface KubeconfigExec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: string;
}

interface KubeconfigUser {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly exec?: KubeconfigExec;
  readonly 'auth-provider'?: unknown;
}

export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

/** Entries of several files by name, with the directory that relative paths of each start from. */
export interface Kubeconfig {
  /** For messages: the files that were read. */
  readonly origin: string;
  readonly currentContext?: string;
  readonly contexts: { readonly [name: string]: KubeconfigContext };
  readonly clusters: { readonly [name: string]: KubeconfigCluster & { readonly directory: string } };
  readonly users: { readonly [name: string]: KubeconfigUser & { readonly directory: string } };
}

/** The kubeconfig, or a context in it, cannot be used; the message says which file and what to do. */
export class KubeconfigError extends Error {
  readonly code = 'ERR_KUBECONFIG';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KubeconfigError';
  }
}

/** The context of this name, or the current one, with its parts; every dangling name is answered with those that exist. */
export function resolveContext(
  config: Kubeconfig,
  name: string | undefined,
): {
  readonly name: string;
  readonly context: KubeconfigContext;
  readonly cluster: Kubeconfig['clusters'][string];
  readonly user: Kubeconfig['users'][string];
} {
  const chosen = name ?? config.currentContext;
  if (!chosen) throw new KubeconfigError(`${config.origin}: no current-context is set; pass --context with one of: ${listed(config.contexts)}`);
  const context = config.contexts[chosen];
  if (!context) throw new KubeconfigError(`${config.origin}: there is no context "${chosen}"; known contexts: ${listed(config.contexts)}`);
  const cluster = config.clusters[context.cluster];
  if (!cluster?.server) throw new KubeconfigError(`${config.origin}: context "${chosen}" names the cluster "${context.cluster}", which has no server here`);
  if (cluster['proxy-url']) throw new KubeconfigError(`${config.origin}: cluster "${context.cluster}" has proxy-url, which is not supported`);
  const user = context.user ? config.users[context.user] : { directory: '' };
  if (!user) throw new KubeconfigError(`${config.origin}: context "${chosen}" names the user "${context.user}", which is not there`);
  if (user['auth-provider']) {
    throw new KubeconfigError(`${config.origin}: user "${context.user}" has auth-provider, which Kubernetes removed; use an exec plugin`);
  }
  return { name: chosen, context, cluster, user };
}

const listed = (entries: { readonly [name: string]: unknown }): string => Object.keys(entries).join(', ') || '(none)';
