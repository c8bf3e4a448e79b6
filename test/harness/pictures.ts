/** Small pictures of every kind that is shown, made here, and what people hide in them. */
import { crc32, deflateSync } from 'node:zlib';

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

/** Grey, of this size; `more` stands before the data. */
export function png(width: number, height: number, ...more: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Math.min(height, 100) * (Math.min(width, 100) + 1);
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', header),
    ...more,
    pngChunk('IDAT', deflateSync(Buffer.alloc(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One pixel, 89a, with room for extensions before the frame. */
export function gif(...more: readonly Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from('474946383961010001008000000000 00ffffff'.replaceAll(' ', ''), 'hex'),
    ...more,
    Buffer.from('2c000000000100010000024c01003b'.replace('024c01', '02024401'), 'hex'),
  ]);
}

export function gifExtension(label: number, ...blocks: readonly Buffer[]): Buffer {
  const parts = blocks.map((block) => Buffer.concat([Buffer.from([block.length]), block]));
  return Buffer.concat([Buffer.from([0x21, label]), ...parts, Buffer.from([0])]);
}

export function jpegSegment(marker: number, data: Uint8Array): Buffer {
  const segment = Buffer.alloc(4 + data.length);
  segment[0] = 0xff;
  segment[1] = marker;
  segment.writeUInt16BE(2 + data.length, 2);
  segment.set(data, 4);
  return segment;
}

/** The skeleton of a grey baseline picture: right for a reader of containers, empty for a decoder. */
export function jpeg(width: number, height: number, ...more: readonly Buffer[]): Buffer {
  const frame = Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...more,
    jpegSegment(0xdb, Buffer.alloc(65, 1)),
    jpegSegment(0xc0, frame),
    jpegSegment(0xc4, Buffer.alloc(19)),
    jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9]),
  ]);
}

export function riffChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(8 + data.length + (data.length & 1));
  chunk.write(type, 0, 'latin1');
  chunk.writeUInt32LE(data.length, 4);
  chunk.set(data, 8);
  return chunk;
}

export function riff(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  const head = Buffer.alloc(8);
  head.write('RIFF');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** One pixel, lossless. */
export const vp8l = riffChunk('VP8L', Buffer.from('2f0000001007108fa0010000', 'hex'));

/** The header of an extended file, with every flag set. */
export function vp8x(width: number, height: number): Buffer {
  const data = Buffer.alloc(10);
  data[0] = 0x3e;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return riffChunk('VP8X', data);
}
