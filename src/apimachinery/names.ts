import { isIP } from 'node:net';

/** Checks of names. Each answers with Kubernetes' texts of what is wrong: an empty list when nothing is. */
export type NameCheck = (value: string) => readonly string[];

const regexText = (message: string, regex: string, ...examples: readonly string[]): string =>
  `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${regex}')`;

const tooLong = (bytes: number): string => `must be no more than ${bytes} bytes`;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const labelText = regexText(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
);
const subdomainText = regexText(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
);
const label1035Text = regexText(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  'my-name',
  'abc-123',
);
const qualifiedText = regexText(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  'MyName',
  'my.name',
  '123-abc',
);
const labelValueText = regexText(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  'MyValue',
  'my_value',
  '12345',
);
const configKeyText = regexText("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name');

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);

function matcher(pattern: string, maxBytes: number, text: string): NameCheck {
  const regex = whole(pattern);
  return (value) => [...(Buffer.byteLength(value) > maxBytes ? [tooLong(maxBytes)] : []), ...(regex.test(value) ? [] : [text])];
}

/** Names of most objects that become one DNS label (services' ports aside), at most 63 bytes. */
export const checkDns1123Label: NameCheck = matcher(LABEL, 63, labelText);
/** Names of most objects, at most 253 bytes. */
export const checkDns1123Subdomain: NameCheck = matcher(SUBDOMAIN, 253, subdomainText);
/** Names of Services, at most 63 bytes. */
export const checkDns1035Label: NameCheck = matcher(LABEL_1035, 63, label1035Text);
/** Values of labels. */
export const checkLabelValue: NameCheck = matcher(LABEL_VALUE, 63, labelValueText);

/** `.` and `..` would leave the directory when a key becomes a file. */
function pathLike(value: string): readonly string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

const configKeyCharacters = matcher(CONFIG_KEY, 253, configKeyText);
/** Keys of ConfigMaps and Secrets. */
export const checkConfigMapKey: NameCheck = (value) => [...configKeyCharacters(value), ...pathLike(value)];

const qualifiedRegex = whole(QUALIFIED);
/** Keys of labels and annotations, names of resources, condition types: a name with an optional DNS prefix. */
export const checkQualifiedName: NameCheck = (value) => {
  const parts = value.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) return [`a qualified name ${qualifiedText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const errors: string[] = [];
  const name = second ?? first;
  if (second !== undefined) {
    if (first === '') errors.push('prefix part must be non-empty');
    else errors.push(...checkDns1123Subdomain(first).map((text) => `prefix part ${text}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (Buffer.byteLength(name) > 63) errors.push(`name part ${tooLong(63)}`);
  if (!qualifiedRegex.test(name)) errors.push(`name part ${qualifiedText}`);
  return errors;
};

/** Names of ports (IANA service names), at most 15 characters. */
export const checkPortName: NameCheck = (value) => {
  const errors: string[] = [];
  if (value.length > 15) errors.push(tooLong(15));
  if (!/^[-a-z0-9]+$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
};

export const checkPortNumber = (value: number): readonly string[] => (value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive']);

/** Names of environment variables, as Kubernetes 1.34 and newer allow them. */
export const checkEnvVarName: NameCheck = (value) => {
  if (value === '') return ['environment variable name must be non-empty'];
  return /^[ -<>-~]+$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

/** Names that only need to fit into one segment of a URL. */
export const checkPathSegmentName: NameCheck = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((character) => value.includes(character)).map((character) => `may not contain '${character}'`);
};

export const checkIpAddress: NameCheck = (value) => (isIP(value) === 0 ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : []);
