/**
 * Decimal128 as an exact number (BID encoding, IEEE 754-2008): enough to compare it with every other number. Arithmetic on
 * decimals and decimals in index keys are refused elsewhere.
 */
import { bsonType, type Value } from './element.js';

export type Exact =
  | { kind: 'nan' }
  | { kind: 'infinite'; sign: 1 | -1 }
  /** `digits` times 10 to the power of `exponent`. */
  | { kind: 'finite'; digits: bigint; exponent: number };

const bias = 6176;
const maxCoefficient = 10n ** 34n - 1n;

export function decimalOfValue(value: Value): Exact {
  const { buf, at } = value;
  switch (value.type) {
    case bsonType.int32:
      return { kind: 'finite', digits: BigInt(buf.readInt32LE(at)), exponent: 0 };
    case bsonType.int64:
      return { kind: 'finite', digits: buf.readBigInt64LE(at), exponent: 0 };
    case bsonType.double:
      return exactDouble(buf.readDoubleLE(at));
    default:
      return exactDecimal(buf.readBigUInt64LE(at), buf.readBigUInt64LE(at + 8));
  }
}

function exactDecimal(low: bigint, high: bigint): Exact {
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination === 0x1f) return { kind: 'nan' };
  if (combination === 0x1e) return { kind: 'infinite', sign: negative ? -1 : 1 };
  // With both leading bits set the coefficient would exceed 34 digits: not canonical, its value is 0.
  const large = combination >> 3 === 3;
  const exponent = Number(large ? (high >> 47n) & 0x3fffn : (high >> 49n) & 0x3fffn) - bias;
  let digits = large ? 0n : ((high & 0x1_ffff_ffff_ffffn) << 64n) | low;
  if (digits > maxCoefficient) digits = 0n;
  return { kind: 'finite', digits: negative ? -digits : digits, exponent };
}

/** A double is a whole number times a power of two, and that power, when negative, a power of ten times one of five. */
function exactDouble(number: number): Exact {
  if (Number.isNaN(number)) return { kind: 'nan' };
  if (!Number.isFinite(number)) return { kind: 'infinite', sign: number > 0 ? 1 : -1 };
  if (Number.isInteger(number)) return { kind: 'finite', digits: BigInt(number), exponent: 0 };
  let shift = 0;
  let scaled = number;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift++;
  }
  return { kind: 'finite', digits: BigInt(scaled) * 5n ** BigInt(shift), exponent: -shift };
}

export function compareDecimals(a: Exact, b: Exact): number {
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  if (a.kind !== 'finite' || b.kind !== 'finite') return 0;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.digits === 0n ? 0n : a.digits * 10n ** BigInt(a.exponent - exponent);
  const right = b.digits === 0n ? 0n : b.digits * 10n ** BigInt(b.exponent - exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

function rank(value: Exact): number {
  if (value.kind === 'nan') return 0;
  if (value.kind === 'finite') return 2;
  return value.sign < 0 ? 1 : 3;
}
