/** WebP (RFC 9649): pictures, transparency and animation; the header that lists the parts is written again to fit. */
import { fitsScreen, maxParts } from './size-limit.js';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** With its header and padding. */
  readonly whole: Buffer;
}

/** RFC 9649 2.7: what VP8X says is there. Colour profile (0x20), EXIF (0x08) and XMP (0x04) will not be. */
const alphaFlag = 0x10;
const animationFlag = 0x02;
const drawing: ReadonlySet<string> = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF']);
const frameHeaderBytes = 16;
const maxFrames = 2_000;

export function rebuildWebp(octets: Buffer): Buffer[] | undefined {
  if (octets.toString('latin1', 0, 4) !== 'RIFF' || octets.toString('latin1', 8, 12) !== 'WEBP') return undefined;
  const end = 8 + octets.readUInt32LE(4);
  if (end > octets.length) return undefined;
  const chunks = readChunks(octets.subarray(12, end));
  const [first] = chunks ?? [];
  if (chunks === undefined || first === undefined) return undefined;
  const extended = first.type === 'VP8X';
  // 2.5 and 2.6: without VP8X there is one picture and nothing else.
  const kept = extended ? chunks.filter(({ type }) => drawing.has(type)) : [first];
  if (!kept.slice(1).every(({ type }) => type !== 'VP8X') || !kept.every(isSound)) return undefined;
  if (!kept.some(isPicture) || kept.length > maxFrames) return undefined;
  const pieces = kept.map((chunk) => (chunk.type === 'VP8X' ? plainHeader(chunk) : chunk.whole));
  const head = Buffer.from(octets.subarray(0, 12));
  head.writeUInt32LE(4 + pieces.reduce((sum, piece) => sum + piece.length, 0), 4);
  return [head, ...pieces];
}

/** 2.3: type, size, data, and one octet more if the size is odd. Undefined if one is cut short or there are too many. */
function readChunks(octets: Buffer): Chunk[] | undefined {
  const chunks: Chunk[] = [];
  let at = 0;
  while (at < octets.length) {
    if (at + 8 > octets.length || chunks.length >= maxParts) return undefined;
    const size = octets.readUInt32LE(at + 4);
    const end = at + 8 + size + (size & 1);
    if (end > octets.length) return undefined;
    const whole = octets.subarray(at, end);
    chunks.push({ type: octets.toString('latin1', at, at + 4), data: whole.subarray(8, 8 + size), whole });
    at = end;
  }
  return chunks;
}

const isPicture = ({ type }: Chunk): boolean => type === 'VP8 ' || type === 'VP8L' || type === 'ANMF';

/** A size on the screen that may be; the parts of a frame are chunks again. */
function isSound({ type, data }: Chunk): boolean {
  switch (type) {
    case 'VP8X':
      return data.length === 10 && fitsScreen(1 + data.readUIntLE(4, 3), 1 + data.readUIntLE(7, 3));
    case 'VP8 ':
      // RFC 6386 9.1: three octets of frame header, the start code, 14 bits of width and of height.
      return data.length > 10 && fitsScreen(data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff);
    case 'VP8L': {
      if (data.length < 5 || data[0] !== 0x2f) return false;
      const bits = data.readUInt32LE(1);
      return fitsScreen(1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
    }
    case 'ANMF': {
      if (data.length < frameHeaderBytes) return false;
      const parts = readChunks(data.subarray(frameHeaderBytes));
      // What else a frame holds, decoders must ignore (2.7.1.1): then it may as well not come.
      return (
        parts?.every((part) => /^(ALPH|VP8[ L])$/.test(part.type) && isSound(part)) === true && parts.some(isPicture)
      );
    }
    case 'ANIM':
      return data.length === 6;
    default:
      return true;
  }
}

function plainHeader({ whole }: Chunk): Buffer {
  const header = Buffer.from(whole);
  header[8] = header[8]! & (alphaFlag | animationFlag);
  return header;
}
