import { forbidden, notFound, StatusError, type Subject } from '../../apimachinery/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { AdmissionPlugin } from './plugin.ts';

const NAMESPACES: Subject = { group: '', resource: 'namespaces' };
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Objects are created in namespaces that exist and are not on their way out; the namespaces that everything relies on cannot be deleted. */
export const namespaceLifecycle = (store: ObjectStore): AdmissionPlugin => ({
  name: 'NamespaceLifecycle',
  admit({ operation, kind, namespace, subresource, object }) {
    if (operation === 'delete' && kind.group === '' && kind.plural === 'namespaces' && IMMORTAL.has(object.metadata.name ?? '')) {
      throw forbidden(NAMESPACES, object.metadata.name ?? '', 'this namespace may not be deleted');
    }
    if (operation !== 'create' || !kind.namespaced || subresource !== '') return { object };
    const found = store.get(`/core/namespaces/${namespace}`);
    if (!found) throw notFound(NAMESPACES, namespace);
    if (found.object.metadata.deletionTimestamp !== undefined)
      throw terminating({ group: kind.group, resource: kind.plural }, object.metadata.name ?? '', namespace);
    return { object };
  },
});

function terminating(subject: Subject, name: string, namespace: string): StatusError {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const refused = forbidden(subject, name, why);
  return StatusError.from({
    ...refused.status,
    details: {
      ...refused.status.details,
      causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
    },
  });
}
