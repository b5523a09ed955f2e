/** How a quantity was written, and so how it is printed. */
type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A number of Kubernetes' resource.Quantity: an exact multiple of 10^-9. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

/** A text that is no quantity; the message is Kubernetes' own. */
export class QuantityError extends Error {
  readonly code = 'ERR_QUANTITY';
}

const NANO = 1_000_000_000n;
const LARGEST = (2n ** 63n - 1n) * NANO;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*)([-+]?\d*)$/;
/** Texts that are in canonical form already: they need no arithmetic. */
const CANONICAL = /^(?:0|[1-9]\d{0,2}(?:[numkMGTPE]|[KMGTPE]i)?)$/;

const wrongFormat = () => new QuantityError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");

/** Division that rounds away from zero, as Kubernetes rounds what does not fit. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (quotient * by === value) return quotient;
  return value > 0n ? quotient + 1n : quotient - 1n;
}

function scaleOf(suffix: string, exponent: string): { readonly times: bigint; readonly by: bigint; readonly format: QuantityFormat } {
  if (exponent !== '') {
    const power = Number(exponent);
    if ((suffix !== 'e' && suffix !== 'E') || !Number.isInteger(power) || Math.abs(power) > 1000) throw new QuantityError("unable to parse quantity's suffix");
    return power >= 0
      ? { times: NANO * 10n ** BigInt(power), by: 1n, format: 'DecimalExponent' }
      : { times: NANO, by: 10n ** BigInt(-power), format: 'DecimalExponent' };
  }
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { times: NANO * 1024n ** BigInt(binary), by: 1n, format: 'BinarySI' };
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal < 0) throw new QuantityError("unable to parse quantity's suffix");
  return { times: 1000n ** BigInt(decimal), by: 1n, format: 'DecimalSI' };
}

/** Reads a quantity (a number is read as its JSON text). Throws QuantityError. Finer than 10^-9 is rounded up; past 2^63-1 it is capped. */
export function parseQuantity(text: string | number): Quantity {
  const found = SHAPE.exec(String(text));
  if (!found || text === '') throw wrongFormat();
  const [, sign, whole = '', fraction = '', suffix = '', exponent = ''] = found;
  if (whole === '' && fraction === '') throw found[3] === undefined ? wrongFormat() : new QuantityError('unable to parse numeric part of quantity');
  const { times, by, format } = scaleOf(suffix, exponent);
  const magnitude = divideUp(BigInt(whole + fraction) * times, by * 10n ** BigInt(fraction.length));
  const capped = magnitude > LARGEST ? LARGEST : magnitude;
  return { nanos: sign === '-' ? -capped : capped, format };
}

function decimalText(nanos: bigint, exponentForm: boolean): string {
  let mantissa = nanos;
  let index = 0;
  while (index < DECIMAL.length - 1 && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    index++;
  }
  if (!exponentForm) return `${mantissa}${DECIMAL[index]}`;
  const power = (index - 3) * 3;
  return power === 0 ? `${mantissa}` : `${mantissa}e${power}`;
}

/** The canonical text: no fraction, the largest suffix that keeps the number whole. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.nanos === 0n) return '0';
  const small = quantity.nanos > -1024n * NANO && quantity.nanos < 1024n * NANO;
  if (quantity.format !== 'BinarySI' || small) return decimalText(quantity.nanos, quantity.format === 'DecimalExponent');
  let mantissa = divideUp(quantity.nanos, NANO);
  let index = 0;
  while (index < BINARY.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    index++;
  }
  return `${mantissa}${BINARY[index]}`;
}

/** The canonical form of a quantity's text. Throws QuantityError. */
export const canonicalQuantity = (text: string | number): string =>
  typeof text === 'string' && CANONICAL.test(text) ? text : formatQuantity(parseQuantity(text));

export const compareQuantities = (left: Quantity, right: Quantity): -1 | 0 | 1 => (left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0);

/** The sum, in the format of the first that is not zero. */
export const addQuantities = (left: Quantity, right: Quantity): Quantity => ({
  nanos: left.nanos + right.nanos,
  format: left.nanos === 0n ? right.format : left.format,
});

/** A CPU quantity in thousandths of a core, rounded up. Throws QuantityError. */
export const cpuMilli = (text: string | number): number => {
  const plain = typeof text === 'string' ? /^(\d{1,9})(m?)$/.exec(text) : undefined;
  if (plain) return Number(plain[1]) * (plain[2] === 'm' ? 1 : 1000);
  return Number(divideUp(parseQuantity(text).nanos, 1_000_000n));
};

/** A quantity as a whole number (bytes, pods), rounded up; past 2^53 it is the nearest number. Throws QuantityError. */
export const quantityValue = (text: string | number): number => Number(divideUp(parseQuantity(text).nanos, NANO));

/** The quantity that stands for this many thousandths of a core. */
export const milliCpuQuantity = (milli: number): string => formatQuantity({ nanos: BigInt(Math.ceil(milli)) * 1_000_000n, format: 'DecimalSI' });

/** The quantity that stands for this many bytes, with a binary suffix where it fits. */
export const bytesQuantity = (bytes: number): string => formatQuantity({ nanos: BigInt(Math.ceil(bytes)) * NANO, format: 'BinarySI' });
