import { createHash } from 'node:crypto';
import type { CheckedContent, CheckReads } from '../../database/check-reads.js';
import type { MessageSource, Messages } from '../../database/messages.js';
import { type Columns, idBytes } from '../mailbox-columns.js';
import type { FindingList } from './finding.js';

/**
 * Store design 9.4: every message that a mailbox lists is there, has the size that is listed, and its content is whole: all
 * pieces, the size, the SHA-256 of what was handed over. A content that recipients share knows each account that names it.
 */
export interface MessageCheck {
  readonly messages: number;
  readonly verifiedBytes: number;
  /** Ids of contents that messages of the account name. */
  readonly contents: ReadonlySet<string>;
}

const messagesAtOnce = 200;

export interface MessageCheckOptions {
  /** Only that contents are there, without reading their octets again. */
  readonly quick: boolean;
  readonly signal: AbortSignal | undefined;
}

export async function checkMessages(
  account: string,
  columns: Iterable<Columns>,
  messages: Messages,
  reads: CheckReads,
  found: FindingList,
  options: MessageCheckOptions,
): Promise<MessageCheck> {
  const listed = sizesById(columns, found);
  const ids = [...listed.keys()];
  const contents = new Set<string>();
  let verifiedBytes = 0;
  for (let i = 0; i < ids.length; i += messagesAtOnce) {
    options.signal?.throwIfAborted();
    const some = ids.slice(i, i + messagesAtOnce);
    const sources = await messages.sources(account, some);
    const wanted = new Map<string, { readonly id: string; readonly source: MessageSource }>();
    for (const id of some) {
      const source = sources.get(id);
      if (source === undefined) {
        found.add('message', `message ${id} is listed and not there`);
        continue;
      }
      const size = listed.get(id);
      if (source.size !== size) found.add('message', `message ${id} has ${source.size} octets, listed with ${size}`);
      if (!contents.has(source.content)) wanted.set(source.content, { id, source });
      contents.add(source.content);
    }
    verifiedBytes += await checkContents(account, wanted, reads, found, options);
  }
  return { messages: ids.length, verifiedBytes, contents };
}

/** A message lies in several mailboxes after COPY: it is looked at once. */
function sizesById(columns: Iterable<Columns>, found: FindingList): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { cold, count } of columns) {
    if (cold === undefined) continue;
    const ids = Buffer.from(cold.id.buffer, cold.id.byteOffset, idBytes * count);
    for (let i = 0; i < count; i++) {
      const id = ids.toString('hex', idBytes * i, idBytes * (i + 1));
      const size = cold.size[i] ?? 0;
      const known = sizes.get(id);
      if (known !== undefined && known !== size)
        found.add('totals', `message ${id} is listed with ${known} and ${size} octets`);
      sizes.set(id, size);
    }
  }
  return sizes;
}

async function checkContents(
  account: string,
  wanted: ReadonlyMap<string, { readonly id: string; readonly source: MessageSource }>,
  reads: CheckReads,
  found: FindingList,
  { quick }: MessageCheckOptions,
): Promise<number> {
  const documents = new Map((await reads.contents([...wanted.keys()])).map((one) => [one._id, one]));
  let verified = 0;
  for (const [name, { id, source }] of wanted) {
    const content = documents.get(name);
    if (content === undefined) {
      found.add('content', `content ${name} of message ${id} is missing`);
      continue;
    }
    if (content.size !== source.size - source.prefix.length) {
      found.add(
        'content',
        `content ${name} has ${content.size} octets, message ${id} needs ${source.size - source.prefix.length}`,
      );
    }
    if (content.owners !== undefined && !content.owners.includes(account)) {
      found.add('owner', `content ${name} does not know the account among its owners`);
    }
    if (!quick) verified += await verifyOctets(content, reads, found);
  }
  return verified;
}

async function verifyOctets(content: CheckedContent, reads: CheckReads, found: FindingList): Promise<number> {
  const hash = createHash('sha256').update(content.b);
  let size = content.b.length;
  for (let number = 1; number <= content.pieces; number++) {
    const piece = await reads.piece(content._id, number);
    if (piece === undefined) {
      found.add('content', `piece ${number} of content ${content._id} is missing`);
      return size;
    }
    hash.update(piece);
    size += piece.length;
  }
  if (size !== content.size) found.add('content', `content ${content._id} says ${content.size} octets and has ${size}`);
  if (!hash.digest().equals(content.sha256)) found.add('content', `content ${content._id} is not what was handed over`);
  return size;
}
