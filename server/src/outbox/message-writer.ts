/**
 * Writes what is to be sent as a content of the outbox: an own one, so that neither moving nor destroying the sender's copy changes
 * what goes out, and so that recipients get a header without Bcc. The octets stream through; the header alone is held, up to its
 * limit.
 */
import { randomBytes } from 'node:crypto';
import { bodyStartOf } from '../codec/mime/header-end.js';
import { toBinaryString } from '../codec/mime/header-fields.js';
import { createLineEndMender } from '../codec/mime/line-ends.js';
import { outgoingHeader } from '../codec/mime/outgoing-header.js';
import { writeContent } from '../database/content-writer.js';
import { type Contents, newObjectId, outboxShard } from '../database/contents.js';
import type { ContentDocument } from '../database/documents.js';
import { MailError } from '../kernel/errors.js';
import { maxHeaderBytes } from '../kernel/limits.js';

export interface MessageToWrite {
  readonly octets: AsyncIterable<Uint8Array>;
  readonly owner: string;
  readonly maxBytes: number;
  /** For a header that has none. */
  readonly date: Date;
  readonly messageId: string;
}

/** The content document, yet to be inserted; its pieces are durable. MailError tooBig, invalid, unavailable. */
export async function writeMessage(
  contents: Pick<Contents, 'writePiece'>,
  message: MessageToWrite,
): Promise<ContentDocument> {
  const id = `${outboxShard}${randomBytes(4).toString('hex')}/${newObjectId()}`;
  const writer = writeContent(contents, { id, owners: [message.owner] });
  const mender = createLineEndMender();
  const head: Uint8Array[] = [];
  let headBytes = 0;
  let inHeader = true;

  const push = async (octets: Uint8Array): Promise<void> => {
    if (writer.size + octets.length > message.maxBytes) {
      writer.abort();
      throw new MailError('tooBig', 'The message is larger than is accepted here');
    }
    await writer.push(octets);
  };
  const pushHead = (): Promise<void> => {
    inHeader = false;
    return push(Buffer.from(outgoingHeader(toBinaryString(Buffer.concat(head)), message), 'latin1'));
  };

  for await (const chunk of message.octets) {
    const octets = mender.push(chunk);
    if (!inHeader) {
      await push(octets);
      continue;
    }
    head.push(octets);
    headBytes += octets.length;
    if (bodyStartOf(head.length === 1 ? octets : Buffer.concat(head)) !== undefined) await pushHead();
    else if (headBytes >= maxHeaderBytes) {
      writer.abort();
      // What stands behind the limit could be a Bcc that everybody would read.
      throw new MailError('invalid', 'The header of the message does not end');
    }
  }
  if (inHeader) await pushHead();
  return writer.finish();
}
