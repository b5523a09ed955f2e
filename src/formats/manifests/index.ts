export { type Located, ManifestError, parseManifests } from './parse.ts';
