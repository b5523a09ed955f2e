import { alter, fill, mapSame } from '../../../defaults/immutable.ts';
import type { DownwardAPIVolumeFile, Volume, VolumeProjection } from '../../../schema/types.ts';

/** 0644, as the API writes modes. */
const DEFAULT_MODE = 420;
const TOKEN_SECONDS = 3600;

const itemDefaults = (item: DownwardAPIVolumeFile): DownwardAPIVolumeFile =>
  alter(
    alter(item, 'fieldRef', (field) => fill(field, { apiVersion: 'v1' })),
    'resourceFieldRef',
    (field) => fill(field, { divisor: '0' }),
  );

const projectionDefaults = (source: VolumeProjection): VolumeProjection =>
  alter(
    alter(source, 'downwardAPI', (downward) => alter(downward, 'items', (items) => mapSame(items, itemDefaults))),
    'serviceAccountToken',
    (token) => fill(token, { expirationSeconds: TOKEN_SECONDS }),
  );

/** Kubernetes' defaults of one volume; one without any source is an emptyDir. */
export function volumeDefaults(given: Volume): Volume {
  let volume = Object.keys(given).some((key) => key !== 'name') ? given : { ...given, emptyDir: {} };
  volume = alter(volume, 'secret', (source) => fill(source, { defaultMode: DEFAULT_MODE }));
  volume = alter(volume, 'configMap', (source) => fill(source, { defaultMode: DEFAULT_MODE }));
  volume = alter(volume, 'hostPath', (source) => fill(source, { type: '' }));
  volume = alter(volume, 'downwardAPI', (source) => alter(fill(source, { defaultMode: DEFAULT_MODE }), 'items', (items) => mapSame(items, itemDefaults)));
  return alter(volume, 'projected', (source) =>
    alter(fill(source, { defaultMode: DEFAULT_MODE }), 'sources', (sources) => mapSame(sources, projectionDefaults)),
  );
}
