import { createHash } from 'node:crypto';
import { createLineEndMender } from '../codec/mime/line-ends.js';
import { createMessageScan, type MessageFacts } from '../codec/mime/message-facts.js';
import { type Contents, contentShard, pieceBytes } from '../database/contents.js';
import type { ContentDocument } from '../database/documents.js';
import { MailError } from '../kernel/errors.js';
import type { IncomingMessage, StagedMessage } from './content.js';

/**
 * Octets on their way into the store: line ends are mended (invariant 3), pieces of 1 MiB are written as they fill, and one
 * scan takes everything that lists, threads and searches need. In memory are the first piece, the one that fills and the one
 * that is being written.
 */
export interface StagedContent {
  readonly size: number;
  readonly facts: MessageFacts;
  readonly document: ContentDocument;
  /** When its first piece was written: a commit must follow long before the collector looks (store design section 4). */
  readonly begunMs: number;
}

export interface ContentReceiver {
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<StagedContent>;
  abort(): void;
}

export interface ReceiverOptions {
  /** Content id: `a/` + ObjectId, or a shared one with its owners. */
  readonly id: string;
  readonly owners?: readonly string[];
  readonly maxBytes: number;
  readonly nowMs: () => number;
}

type State = 'open' | 'finished' | 'aborted';

export function receiveContent(contents: Contents, options: ReceiverOptions): ContentReceiver {
  const { id, owners, maxBytes } = options;
  const begunMs = options.nowMs();
  const mender = createLineEndMender();
  const scan = createMessageScan();
  const hash = createHash('sha256');
  let state: State = 'open';
  let size = 0;
  let filling: Uint8Array[] = [];
  let filled = 0;
  let first: Uint8Array | undefined;
  let pieces = 0;
  /** The piece under way: the next one waits for it, so that a fast sender is slowed to what the store takes. */
  let writing: Promise<void> = Promise.resolve();

  async function pieceIsFull(): Promise<void> {
    const piece = filling.length === 1 ? filling[0]! : Buffer.concat(filling, filled);
    filling = [];
    filled = 0;
    if (first === undefined) {
      first = piece;
      return;
    }
    await writing;
    pieces += 1;
    writing = contents.writePiece(id, pieces, piece);
    // Seen by whoever awaits it next; until then it must not count as unhandled.
    writing.catch(() => undefined);
  }

  return {
    async write(chunk) {
      if (state !== 'open') throw new MailError('closed', 'The message was given up');
      const octets = mender.push(chunk);
      size += octets.length;
      if (size > maxBytes) {
        state = 'aborted';
        throw new MailError('tooBig', 'The message is larger than is accepted here');
      }
      hash.update(octets);
      scan.push(octets);
      for (let at = 0; at < octets.length; ) {
        const part = octets.subarray(at, at + pieceBytes - filled);
        filling.push(part);
        filled += part.length;
        at += part.length;
        if (filled === pieceBytes) await pieceIsFull();
      }
    },
    async finish() {
      if (state !== 'open') throw new MailError('closed', 'The message was given up');
      state = 'finished';
      if (filled > 0 || first === undefined) await pieceIsFull();
      await writing;
      const document: ContentDocument = {
        _id: id,
        a: contentShard(id),
        size,
        sha256: hash.digest(),
        b: first ?? new Uint8Array(0),
        pieces,
        ...(owners === undefined ? {} : { owners }),
      };
      return { size, facts: scan.end(), document, begunMs };
    },
    abort() {
      state = 'aborted';
      filling = [];
      first = undefined;
    },
  };
}

/** What `StagedMessage` is inside the mailstore. */
export interface StagedForAccount extends StagedContent {
  readonly account: string;
  readonly id: string;
  readonly thread: Uint8Array;
}

export function stage(staged: StagedForAccount): StagedMessage {
  return staged as unknown as StagedMessage;
}

/** A message that was received for another account never gets into this one (invariant 5). */
export function unstage(message: StagedMessage, account: string, nowMs: number): StagedForAccount {
  const staged = message as unknown as StagedForAccount;
  if (staged.account !== account) throw new TypeError('the message was received for another account');
  if (nowMs - staged.begunMs > maxStagedMs) {
    throw new MailError('unavailable', 'Sending the message took too long, try again');
  }
  return staged;
}

/** Half of the collector's 24 h (store design section 4): nothing that a commit names may be old enough to be collected. */
const maxStagedMs = 12 * 3600 * 1000;

/** An IncomingMessage around a receiver; `complete` adds what belongs to the account. */
export function incomingMessage(
  receiver: ContentReceiver,
  complete: (content: StagedContent) => Promise<StagedForAccount>,
): IncomingMessage {
  return {
    write: (chunk) => receiver.write(chunk),
    finish: async () => stage(await complete(await receiver.finish())),
    abort: () => receiver.abort(),
  };
}
