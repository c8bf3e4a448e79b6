import { maxHeaderBytes } from '../../kernel/limits.js';
import type { MessageOctets } from '../content.js';

/** The beginning of a message that holds its whole header, at most the limit of a header block. */
export async function readHeaderBlock(message: MessageOctets): Promise<Uint8Array> {
  const pieces = [message.prefix, message.first.subarray(0, maxHeaderBytes)];
  const inFirst = Buffer.from(message.first.buffer, message.first.byteOffset, message.first.length).includes(
    '\r\n\r\n',
  );
  let length = message.prefix.length + pieces[1]!.length;
  if (!inFirst && length < Math.min(message.size, maxHeaderBytes)) {
    for await (const piece of message.rest()) {
      pieces.push(piece.subarray(0, maxHeaderBytes - length));
      length += piece.length;
      if (length >= maxHeaderBytes) break;
    }
  }
  return Buffer.concat(pieces);
}
