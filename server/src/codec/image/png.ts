/** PNG (W3C PNG 3, ISO/IEC 15948) and its animations: the chunks that draw, each with the check sum it should have. */
import { crc32 } from 'node:zlib';
import { fitsScreen, maxParts } from './size-limit.js';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');
/** Section 5.6 and, from `acTL` on, the animation chunks. Gamma and the like are a few octets that decoders read as numbers. */
const drawing: ReadonlySet<string> = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'gAMA',
  'cHRM',
  'sRGB',
  'sBIT',
  'bKGD',
  'pHYs',
  'acTL',
  'fcTL',
  'fdAT',
]);
const frame = 12;

export function rebuildPng(octets: Buffer): Buffer[] | undefined {
  if (!octets.subarray(0, 8).equals(signature)) return undefined;
  const pieces = [octets.subarray(0, 8)];
  let at = 8;
  let data = false;
  for (let parts = 0; at + frame <= octets.length && parts < maxParts; parts++) {
    const length = octets.readUInt32BE(at);
    const end = at + frame + length;
    if (end > octets.length) return undefined;
    const type = octets.toString('latin1', at + 4, at + 8);
    // Section 5.6: IHDR is the first, and 13 octets long.
    if (at === 8) {
      if (type !== 'IHDR' || length !== 13) return undefined;
      if (!fitsScreen(octets.readUInt32BE(16), octets.readUInt32BE(20))) return undefined;
    } else if (type === 'IHDR') return undefined;
    if (drawing.has(type)) {
      if (crc32(octets.subarray(at + 4, end - 4)) !== octets.readUInt32BE(end - 4)) return undefined;
      pieces.push(octets.subarray(at, end));
    }
    if (type === 'IDAT') data = true;
    if (type === 'IEND') return data && length === 0 ? pieces : undefined;
    at = end;
  }
  return undefined;
}
