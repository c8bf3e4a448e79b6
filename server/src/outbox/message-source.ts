import type { ContentReader } from '../database/contents.js';
import { MailError } from '../kernel/errors.js';

/** The octets of a content of the outbox, a piece at a time and one ahead. MailError internal when a part is missing. */
export async function* readContent(contents: ContentReader, content: string): AsyncIterable<Uint8Array> {
  const head = (await contents.heads([content])).get(content);
  if (head === undefined) throw missing(content);
  yield head.first;
  let next = head.pieces > 0 ? contents.piece(content, 1) : undefined;
  for (let number = 1; number <= head.pieces; number++) {
    const piece = await next;
    if (piece === undefined) throw missing(content);
    next = number < head.pieces ? contents.piece(content, number + 1) : undefined;
    next?.catch(() => undefined);
    yield piece;
  }
}

function missing(content: string): MailError {
  return new MailError('internal', 'A message that waits to be sent is not whole', { details: { content } });
}
