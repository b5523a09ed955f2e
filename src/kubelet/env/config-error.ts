/** A container's configuration cannot be built now: a key or object is missing. Shown as CreateContainerConfigError and tried again. */
export class ConfigError extends Error {
  readonly code = 'ERR_CONTAINER_CONFIG';
}
