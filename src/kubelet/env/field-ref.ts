import type { Pod } from '../../kinds/index.ts';

/** What only the node agent knows of a pod when fields are read. */
export interface FieldContext {
  readonly podIP: string;
  readonly hostIP: string;
}

const sorted = (entries: { readonly [key: string]: string } | undefined): string =>
  Object.entries(entries ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');

/** The value of a downward API `fieldRef`, or undefined for a path that is not supported. */
export function fieldRefValue(pod: Pod, path: string, context: FieldContext): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return (keyed[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[keyed[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name ?? '';
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid ?? '';
    case 'metadata.labels':
      return sorted(pod.metadata.labels);
    case 'metadata.annotations':
      return sorted(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec?.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? 'default';
    case 'status.podIP':
    case 'status.podIPs':
      return context.podIP;
    case 'status.hostIP':
    case 'status.hostIPs':
      return context.hostIP;
    default:
      return undefined;
  }
}
