import type { ObjectMeta } from '../../../../apimachinery/index.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../../../schema/types.ts';
import { droverAnnotationWarnings, ownerAnnotationWarnings } from './annotations.ts';

/** Ports of the machine that a pod with an address of its own asks for: nothing forwards them. */
function hostPortWarnings(spec: PodSpec | undefined, field: string): readonly string[] {
  if (!spec || spec.hostNetwork) return [];
  const texts: string[] = [];
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      for (const [at, port] of (container.ports ?? []).entries()) {
        if (!port.hostPort) continue;
        texts.push(
          `${field}.${list}[${index}].ports[${at}].hostPort: ignored: ports of the machine are not forwarded to pods; use a Service of type NodePort, or hostNetwork`,
        );
      }
    }
  }
  return texts;
}

/** Two variables of one name: the last one wins, as in Kubernetes, which warns too. */
function envWarnings(spec: PodSpec | undefined, field: string): readonly string[] {
  const texts: string[] = [];
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec?.[list] ?? []).entries()) {
      const seen = new Map<string, number>();
      for (const [at, variable] of (container.env ?? []).entries()) {
        const before = seen.get(variable.name);
        const path = `${field}.${list}[${index}].env`;
        if (before !== undefined) texts.push(`${path}[${at}]: hides previous definition of "${variable.name}", which may be dropped when using apply`);
        seen.set(variable.name, at);
      }
    }
  }
  return texts;
}

/** Texts about a pod beyond those of its field policies. An update changes almost nothing of a spec, so only the first write is commented. */
export const podWarnings = (pod: Pod, old: Pod | undefined): readonly string[] =>
  old
    ? []
    : [...droverAnnotationWarnings(pod.metadata.annotations, 'metadata.annotations'), ...hostPortWarnings(pod.spec, 'spec'), ...envWarnings(pod.spec, 'spec')];

interface TemplateOwner {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly template?: PodTemplateSpec };
}

const ownerTexts = (owner: TemplateOwner): readonly string[] => [
  ...ownerAnnotationWarnings(owner.metadata.annotations),
  ...droverAnnotationWarnings(owner.spec?.template?.metadata?.annotations, 'spec.template.metadata.annotations'),
  ...hostPortWarnings(owner.spec?.template?.spec, 'spec.template.spec'),
  ...envWarnings(owner.spec?.template?.spec, 'spec.template.spec'),
];

/** Texts about an object that makes pods from a template, beyond those of its kind's field policies. What was said before is not said again. */
export function templateOwnerWarnings(owner: TemplateOwner, old: TemplateOwner | undefined): readonly string[] {
  const said = new Set(old ? ownerTexts(old) : []);
  return ownerTexts(owner).filter((text) => !said.has(text));
}
