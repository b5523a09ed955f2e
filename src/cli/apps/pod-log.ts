import type { Transport } from '../../apimachinery/index.ts';
import type { Pod } from '../../kinds/index.ts';

export const logPath = (pod: Pod): string => `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`;

/** The last lines of a container's log; none when it cannot be read (this is shown beside another failure). */
export async function tailOfLog(
  transport: Transport,
  pod: Pod,
  options: { readonly container: string; readonly previous: boolean; readonly lines: number },
): Promise<readonly string[]> {
  const query = { container: options.container, tailLines: String(options.lines), previous: options.previous ? 'true' : undefined };
  try {
    const { status, body } = await transport.request({ method: 'GET', path: logPath(pod), query, headers: { accept: 'text/plain, */*' } });
    const lines = status === 200 && typeof body === 'string' ? body.split('\n').filter((line) => line !== '') : [];
    // Between two runs the words of interest may be in the one or the other.
    return lines.length === 0 && options.previous ? await tailOfLog(transport, pod, { ...options, previous: false }) : lines;
  } catch {
    return [];
  }
}
