/**
 * UTF-7 (RFC 2152), on a stream: the library's decoder takes 5 us for each shifted run and loses characters when a run
 * comes in two pieces. Never fails: what is no UTF-7 becomes U+FFFD or is left out.
 */
import type { CharsetDecoder } from './charset.js';

const plus = 43;
const minus = 45;
const notBase64 = 255;

const values = new Uint8Array(128).fill(notBase64);
for (let i = 0; i < 64; i++) {
  values['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i;
}

export function createUtf7Decoder(): CharsetDecoder {
  let shifted = false;
  /** The octet before was the plus sign that began the run. */
  let fresh = false;
  let bits = 0;
  let count = 0;
  return {
    push(octets) {
      let out = '';
      for (let i = 0; i < octets.length; i++) {
        const c = octets[i]!;
        if (!shifted) {
          if (c === plus) {
            shifted = true;
            fresh = true;
            bits = 0;
            count = 0;
          } else out += c < 128 ? String.fromCharCode(c) : '\ufffd';
          continue;
        }
        const value = c < 128 ? values[c]! : notBase64;
        if (value !== notBase64) {
          fresh = false;
          bits = ((bits << 6) | value) & 0x3fffff;
          count += 6;
          if (count >= 16) {
            count -= 16;
            out += String.fromCharCode((bits >> count) & 0xffff);
          }
          continue;
        }
        shifted = false;
        // `+-` is a plus sign; a minus that ends a run is absorbed.
        if (c === minus) out += fresh ? '+' : '';
        else out += c < 128 ? String.fromCharCode(c) : '\ufffd';
      }
      return out;
    },
    end: () => '',
  };
}
