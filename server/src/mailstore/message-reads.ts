import type { ContentHead } from '../database/contents.js';
import type { MailDatabase } from '../database/database.js';
import type { MessageSource } from '../database/messages.js';
import { MailError } from '../kernel/errors.js';
import type { MessageId } from '../kernel/ids.js';
import type { MessageOctets } from './content.js';
import type { MessageRows } from './mailbox.js';

/**
 * Octets of many messages (store design section 3, Bodies): a command for a batch, the next batches read ahead, all of it bounded by octets. Buffers are handed on as they came from the database.
 */

/** Messages and octets of first pieces in one batch of bodies. */
const maxBatchMessages = 128;
const maxBatchBytes = 4 * 1024 * 1024;
/** Batches read while one is handed out. */
const batchesAhead = 2;
const firstPieceBytes = 1024 * 1024;

export async function* readContents(
  database: MailDatabase,
  account: string,
  view: MessageRows,
  indexes: ArrayLike<number>,
  signal?: AbortSignal,
): AsyncIterable<MessageOctets> {
  await view.load(['id', 'size'], signal);
  const batches = batchesOf(indexes, view);
  const ahead: Promise<readonly MessageOctets[]>[] = [];
  const readNext = (): void => {
    const batch = batches.next();
    if (batch.done === true) return;
    const reading = readBatch(database, account, view, indexes, batch.value);
    // Whoever awaits it sees the failure; an early end of the loop must not leave it unhandled.
    reading.catch(() => undefined);
    ahead.push(reading);
  };
  for (let i = 0; i <= batchesAhead; i++) readNext();
  for (let reading = ahead.shift(); reading !== undefined; reading = ahead.shift()) {
    const octets = await reading;
    signal?.throwIfAborted();
    readNext();
    yield* octets;
  }
}

/** Runs of positions in `indexes` whose first pieces fit a batch. */
function* batchesOf(indexes: ArrayLike<number>, view: MessageRows): Generator<readonly [number, number]> {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < indexes.length; i++) {
    const size = Math.min(view.sizeAt(indexes[i]!), firstPieceBytes);
    if (i > start && (i - start >= maxBatchMessages || bytes + size > maxBatchBytes)) {
      yield [start, i];
      start = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < indexes.length) yield [start, indexes.length];
}

async function readBatch(
  database: MailDatabase,
  account: string,
  view: MessageRows,
  indexes: ArrayLike<number>,
  [start, end]: readonly [number, number],
): Promise<readonly MessageOctets[]> {
  const ids: MessageId[] = [];
  for (let i = start; i < end; i++) ids.push(view.idAt(indexes[i]!));
  const wanted = [...new Set(ids)];
  // A message that has its content to itself has it under its own id: both are asked for at once.
  const guesses = wanted.map((id) => `${account}/${id}`);
  const [sources, guessed] = await Promise.all([
    database.messages.sources(account, wanted),
    database.contentReader.heads(guesses),
  ]);
  const shared = new Set<string>();
  for (const source of sources.values()) if (!guessed.has(source.content)) shared.add(source.content);
  const others = shared.size === 0 ? guessed : await database.contentReader.heads([...shared]);
  const octets: MessageOctets[] = [];
  for (const [i, id] of ids.entries()) {
    const source = sources.get(id);
    const content = source === undefined ? undefined : (guessed.get(source.content) ?? others.get(source.content));
    // Expunged long ago and collected (contract: account.ts).
    if (source === undefined || content === undefined) continue;
    octets.push(messageOctets(database, start + i, id, source, content));
  }
  return octets;
}

function messageOctets(
  database: MailDatabase,
  index: number,
  id: MessageId,
  source: MessageSource,
  content: ContentHead,
): MessageOctets {
  return {
    index,
    id,
    size: source.size,
    prefix: source.prefix,
    first: content.first,
    rest: () => readPieces(database, source.content, content.pieces),
  };
}

/** The pieces of a content after its first, one read ahead. */
export async function* readPieces(database: MailDatabase, content: string, pieces: number): AsyncIterable<Uint8Array> {
  let next = pieces > 0 ? pieceOf(database, content, 1) : undefined;
  for (let number = 1; number <= pieces; number++) {
    const piece = await next!;
    // One ahead: the database reads while the client does.
    next = number < pieces ? pieceOf(database, content, number + 1) : undefined;
    next?.catch(() => undefined);
    yield piece;
  }
}

async function pieceOf(database: MailDatabase, content: string, number: number): Promise<Uint8Array> {
  const piece = await database.contentReader.piece(content, number);
  if (piece !== undefined) return piece;
  throw new MailError('internal', 'A part of the message is missing, the administrator has been told', {
    details: { content, number },
  });
}
