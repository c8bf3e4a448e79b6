/** GIF (CompuServe, 87a and 89a): screen, colour tables, frames, their timing, and how often they repeat. */
import { fitsScreen, maxParts } from './size-limit.js';

const extension = 0x21;
const descriptor = 0x2c;
const trailer = 0x3b;
const graphicControl = 0xf9;
const application = 0xff;
/** Looping, by the two names it goes by. Other applications store what they like. */
const looping: ReadonlySet<string> = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);
/** A frame costs the browser a screen each. */
const maxFrames = 2_000;

export function rebuildGif(octets: Buffer): Buffer[] | undefined {
  const version = octets.toString('latin1', 0, 6);
  if (octets.length < 13 || (version !== 'GIF87a' && version !== 'GIF89a')) return undefined;
  if (!fitsScreen(octets.readUInt16LE(6), octets.readUInt16LE(8))) return undefined;
  let at = 13 + tableBytes(octets[10]!);
  if (at > octets.length) return undefined;
  const pieces = [octets.subarray(0, at)];
  let frames = 0;
  for (let parts = 0; at < octets.length && parts < maxParts; parts++) {
    const kind = octets[at];
    if (kind === trailer) {
      pieces.push(octets.subarray(at, at + 1));
      return frames > 0 ? pieces : undefined;
    }
    if (kind !== extension && kind !== descriptor) return undefined;
    // Frame: 10 octets, its colour table, the code size. Extension: its label.
    const data = kind === descriptor ? at + 11 + tableBytes(octets[at + 9] ?? 0) : at + 2;
    const end = endOfBlocks(octets, data);
    if (end === undefined) return undefined;
    if (kind === descriptor) {
      const fits = fitsScreen(octets.readUInt16LE(at + 5), octets.readUInt16LE(at + 7));
      if (!fits || ++frames > maxFrames) return undefined;
    }
    if (kind === descriptor || draws(octets, at)) pieces.push(octets.subarray(at, end));
    at = end;
  }
  return undefined;
}

/** Bit 7 says that there is a table, the low three bits its size. */
const tableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function draws(octets: Buffer, at: number): boolean {
  const label = octets[at + 1];
  if (label === graphicControl) return octets[at + 2] === 4;
  return label === application && octets[at + 2] === 11 && looping.has(octets.toString('latin1', at + 3, at + 14));
}

/** Past a row of blocks, each with its length before it, of which the last is empty. */
function endOfBlocks(octets: Buffer, from: number): number | undefined {
  let at = from;
  while (at < octets.length) {
    const length = octets[at]!;
    at += 1 + length;
    if (length === 0) return at;
  }
  return undefined;
}
