import { type ServiceAccount, serviceAccount as serviceAccountKind } from '../../kinds/index.ts';
import type { Controller } from '../contract.ts';
import { ensureInNamespaces } from '../ensure-in-namespaces.ts';

const NAME = 'serviceaccount-controller';
/** The account of pods that name none. */
const DEFAULT = 'default';

/** The default account of a namespace; one that is there is left as it is. */
const defaultAccount = (namespace: string, current: ServiceAccount | undefined): ServiceAccount =>
  current ?? { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: DEFAULT, namespace } };

/** Sees to it that every namespace has its default ServiceAccount. */
export const serviceAccountController: Controller = {
  name: NAME,
  start: (context) => ensureInNamespaces(context, { name: NAME, kind: serviceAccountKind, objectName: DEFAULT, wanted: defaultAccount }),
};
