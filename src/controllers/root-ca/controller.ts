import { deepEqual } from '../../apimachinery/index.ts';
import { type ConfigMap, configMap as configMapKind } from '../../kinds/index.ts';
import type { Controller } from '../contract.ts';
import { ensureInNamespaces } from '../ensure-in-namespaces.ts';

const NAME = 'root-ca-certificate-publisher-controller';
const CONFIG_MAP = 'kube-root-ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or ' +
  'kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** The ConfigMap by which pods of a namespace know the API server's certificate authority. */
function rootCertificateMap(certificate: string, namespace: string, current: ConfigMap | undefined): ConfigMap {
  const data = { 'ca.crt': certificate };
  if (current && deepEqual(current.data, data) && current.metadata.annotations?.[DESCRIPTION] === DESCRIPTION_TEXT) return current;
  const metadata = current?.metadata ?? { name: CONFIG_MAP, namespace };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, annotations: { ...metadata.annotations, [DESCRIPTION]: DESCRIPTION_TEXT } },
    data,
  };
}

/** Publishes the certificate authority in every namespace. */
export const rootCertificateController: Controller = {
  name: NAME,
  start: (context) => {
    const certificate = context.rootCertificate;
    if (certificate === undefined) return { close: () => undefined };
    return ensureInNamespaces(context, {
      name: NAME,
      kind: configMapKind,
      objectName: CONFIG_MAP,
      wanted: (namespace, current) => rootCertificateMap(certificate, namespace, current),
    });
  },
};
