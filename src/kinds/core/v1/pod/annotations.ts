import { type FieldError, fieldInvalid, fieldNotSupported } from '../../../../apimachinery/index.ts';

/** Annotations of a pod that the node agent acts on; they carry what PM2 has and Kubernetes' pods lack. */
const PREFIX = 'drover.dev/';

type Annotations = { readonly [key: string]: string } | undefined;
type Check = (field: string, value: string) => readonly FieldError[];

const oneOf =
  (...allowed: readonly string[]): Check =>
  (field, value) =>
    allowed.includes(value) ? [] : [fieldNotSupported(field, value, allowed)];

const wholeNumber =
  (what: string): Check =>
  (field, value) =>
    /^\d{1,9}$/.test(value) ? [] : [fieldInvalid(field, value, `must be ${what} as a whole number, for instance "3000"`)];

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGKILL', 'SIGABRT', 'SIGWINCH'];

const filePath: Check = (field, value) => (value.startsWith('/') ? [] : [fieldInvalid(field, value, 'must be an absolute path')]);
const anything: Check = () => [];

const CHECKS: { readonly [name: string]: Check } = {
  'app-name': anything,
  autorestart: oneOf('true', 'false'),
  'error-file': filePath,
  'exec-mode': oneOf('cluster', 'fork'),
  'kill-timeout': wholeNumber('milliseconds'),
  'listen-timeout': wholeNumber('milliseconds'),
  'max-restarts': wholeNumber('a count'),
  'min-uptime': wholeNumber('milliseconds'),
  'out-file': filePath,
  'stop-signal': oneOf(...SIGNALS),
  'wait-ready': oneOf('true', 'false'),
};

const droverEntries = (annotations: Annotations): readonly (readonly [string, string, string])[] =>
  Object.entries(annotations ?? {})
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, value]) => [key, key.slice(PREFIX.length), value]);

/** Wrong values of the annotations under drover.dev/ that are known. */
export const validateDroverAnnotations = (annotations: Annotations, field: string): readonly FieldError[] =>
  droverEntries(annotations).flatMap(([key, name, value]) => CHECKS[name]?.(`${field}[${key}]`, value) ?? []);

/** Texts about annotations under drover.dev/ that nothing reads. */
export const droverAnnotationWarnings = (annotations: Annotations, field: string): readonly string[] =>
  droverEntries(annotations)
    .filter(([, name]) => CHECKS[name] === undefined)
    .map(([key]) => `${field}[${key}]: ignored: nothing reads this annotation; known under ${PREFIX} are ${Object.keys(CHECKS).join(', ')}`);

/** Annotations that the command line keeps on the Deployment of an app. */
const APP_ANNOTATIONS = ['app-name', 'app-version', 'pm-ids', 'script', 'stopped-replicas'];

/** Texts about annotations under drover.dev/ on an object that makes pods: those of pods belong on its template. */
export const ownerAnnotationWarnings = (annotations: Annotations): readonly string[] =>
  droverEntries(annotations)
    .filter(([, name]) => !APP_ANNOTATIONS.includes(name))
    .map(([key, name]) => {
      const why = CHECKS[name] === undefined ? 'nothing reads this annotation' : 'it is read on pods: put it under spec.template.metadata.annotations';
      return `metadata.annotations[${key}]: ignored: ${why}`;
    });

/** Whether the pod's replicas listen on one shared socket (PM2's cluster mode). */
export const sharesPorts = (annotations: Annotations): boolean => annotations?.[`${PREFIX}exec-mode`] === 'cluster';
