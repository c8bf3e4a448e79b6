/**
 * JPEG (ITU-T T.81, annex B): frames, tables and scans. Of the application segments only JFIF's header and Adobe's colour
 * transform stay, without which colours are wrong.
 */
import { fitsScreen, maxParts } from './size-limit.js';

const jfif = Buffer.from('JFIF\0', 'latin1');
const adobe = Buffer.from('Adobe', 'latin1');
const endOfImage = Buffer.from([0xff, 0xd9]);

const soi = 0xd8;
const eoi = 0xd9;
const sos = 0xda;

export function rebuildJpeg(octets: Buffer): Buffer[] | undefined {
  if (octets[1] !== soi) return undefined;
  const pieces = [octets.subarray(0, 2)];
  let at = 2;
  let framed = false;
  let scanned = false;
  for (let parts = 0; at + 4 <= octets.length; parts++) {
    if (octets[at] !== 0xff || parts > maxParts) return undefined;
    // B.1.1.2: any number of 0xFF may stand before a marker.
    while (octets[at + 1] === 0xff) at++;
    const marker = octets[at + 1] ?? eoi;
    if (marker === eoi) break;
    if (hasNoLength(marker) || at + 4 > octets.length) return undefined;
    const end = at + 2 + octets.readUInt16BE(at + 2);
    if (end < at + 4 || end > octets.length) return undefined;
    const segment = octets.subarray(at, end);
    if (isFrame(marker)) {
      // B.2.2: precision, height, width. A height of 0 would come later (DNL), and no browser waits for it.
      if (framed || segment.length < 10 || !fitsScreen(segment.readUInt16BE(7), segment.readUInt16BE(5)))
        return undefined;
      framed = true;
    }
    if (draws(marker, segment)) pieces.push(segment);
    at = end;
    if (marker !== sos) continue;
    if (!framed) return undefined;
    scanned = true;
    at = endOfScan(octets, end);
    pieces.push(octets.subarray(end, at));
  }
  // A picture whose end was lost on the way is shown by every browser: it gets its end.
  return scanned ? [...pieces, endOfImage] : undefined;
}

/** RSTn, SOI and TEM have no place between segments. */
const hasNoLength = (marker: number): boolean => marker <= 0x01 || (marker >= 0xd0 && marker <= soi);

/** SOF0 to SOF15, among which DHT (C4), JPG (C8) and DAC (CC) are none. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function draws(marker: number, segment: Buffer): boolean {
  if (marker === 0xe0) return segment.subarray(4, 9).equals(jfif);
  if (marker === 0xee) return segment.subarray(4, 9).equals(adobe);
  // Frames, Huffman and arithmetic tables, quantisation, restart interval, scans.
  return (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || marker === sos || marker === 0xdb || marker === 0xdd;
}

/** B.1.1.5: in coded data 0xFF is followed by 0 or a restart marker; anything else is the next segment. */
function endOfScan(octets: Buffer, from: number): number {
  let at = octets.indexOf(0xff, from);
  while (at >= 0 && at + 1 < octets.length) {
    const next = octets[at + 1]!;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
    at = octets.indexOf(0xff, next === 0xff ? at + 1 : at + 2);
  }
  return at < 0 ? octets.length : at;
}
