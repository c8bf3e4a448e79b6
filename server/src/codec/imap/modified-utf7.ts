/**
 * Modified UTF-7 of mailbox names (RFC 3501 5.1.3), both ways. Decoding is strict, so that a name has one spelling: printable
 * ASCII is never in base64, a shift is never empty, never followed by another, never left open, its spare bits are zero, and
 * surrogates come in pairs.
 */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,';
const ampersand = 0x26;
const minus = 0x2d;

const values: Int8Array = buildValues();

function buildValues(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (let i = 0; i < alphabet.length; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
}

const isPrintable = (code: number): boolean => code >= 0x20 && code <= 0x7e;

/** undefined for what is no modified UTF-7. */
export function decodeModifiedUtf7(octets: Uint8Array): string | undefined {
  let result = '';
  let i = 0;
  let afterShift = false;
  while (i < octets.length) {
    const octet = octets[i]!;
    if (octet !== ampersand) {
      if (!isPrintable(octet)) return undefined;
      result += String.fromCharCode(octet);
      i++;
      afterShift = false;
      continue;
    }
    if (octets[i + 1] === minus) {
      result += '&';
      i += 2;
      afterShift = false;
      continue;
    }
    // Two shifts in a row could have been one: a second spelling.
    if (afterShift) return undefined;
    i++;
    let bits = 0;
    let count = 0;
    let high = 0;
    let units = 0;
    for (; i < octets.length && octets[i] !== minus; i++) {
      const value = values[octets[i]!]!;
      if (value < 0) return undefined;
      bits = ((bits << 6) | value) & 0x3f_ffff;
      count += 6;
      if (count < 16) continue;
      count -= 16;
      const unit = (bits >>> count) & 0xffff;
      units++;
      if (high !== 0) {
        if (unit < 0xdc00 || unit > 0xdfff) return undefined;
        result += String.fromCharCode(high, unit);
        high = 0;
      } else if (unit >= 0xd800 && unit <= 0xdbff) {
        high = unit;
      } else if ((unit >= 0xdc00 && unit <= 0xdfff) || isPrintable(unit)) {
        return undefined;
      } else {
        result += String.fromCharCode(unit);
      }
    }
    if (i >= octets.length || high !== 0 || units === 0 || count >= 6) return undefined;
    if ((bits & ((1 << count) - 1)) !== 0) return undefined;
    i++;
    afterShift = true;
  }
  return result;
}

/** Of a well-formed string, as every name that was read by `mailbox-name.ts` is. */
export function encodeModifiedUtf7(text: string): string {
  let result = '';
  let bits = 0;
  let count = 0;
  let shifted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isPrintable(code)) {
      if (shifted) {
        if (count > 0) result += alphabet[(bits << (6 - count)) & 63];
        result += '-';
        shifted = false;
      }
      result += code === ampersand ? '&-' : text[i];
      continue;
    }
    if (!shifted) {
      result += '&';
      shifted = true;
      bits = 0;
      count = 0;
    }
    bits = ((bits << 16) | code) & 0x3f_ffff;
    count += 16;
    while (count >= 6) {
      count -= 6;
      result += alphabet[(bits >>> count) & 63];
    }
  }
  if (shifted) {
    if (count > 0) result += alphabet[(bits << (6 - count)) & 63];
    result += '-';
  }
  return result;
}
