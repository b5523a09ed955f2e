import type { Service } from '../../kinds/index.ts';

const envName = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');

const hasAddress = (service: Service): boolean => {
  const address = service.spec?.clusterIP;
  return address !== undefined && address !== '' && address !== 'None' && service.spec?.type !== 'ExternalName';
};

function linksOf(service: Service, env: { [name: string]: string }): void {
  const ports = service.spec?.ports ?? [];
  const address = service.spec?.clusterIP ?? '';
  const prefix = envName(service.metadata.name ?? '');
  const first = ports[0];
  if (!first) return;
  env[`${prefix}_SERVICE_HOST`] = address;
  env[`${prefix}_SERVICE_PORT`] = String(first.port);
  const url = (port: { readonly port: number; readonly protocol?: string }): string => `${(port.protocol ?? 'TCP').toLowerCase()}://${address}:${port.port}`;
  env[`${prefix}_PORT`] = url(first);
  for (const port of ports) {
    const protocol = port.protocol ?? 'TCP';
    if (port.name) env[`${prefix}_SERVICE_PORT_${envName(port.name)}`] = String(port.port);
    const one = `${prefix}_PORT_${port.port}_${protocol}`;
    env[one] = url(port);
    env[`${one}_PROTO`] = protocol.toLowerCase();
    env[`${one}_PORT`] = String(port.port);
    env[`${one}_ADDR`] = address;
  }
}

/**
 * The variables that tell a container of the Services: always those of default/kubernetes, and with `enableServiceLinks`
 * (the default) those of every Service with an address in the pod's namespace.
 */
export function serviceLinks(services: readonly Service[], kubernetes: Service | undefined, enabled: boolean): { readonly [name: string]: string } {
  const env: { [name: string]: string } = {};
  if (kubernetes && hasAddress(kubernetes)) linksOf(kubernetes, env);
  if (enabled) for (const service of services) if (hasAddress(service)) linksOf(service, env);
  return env;
}
