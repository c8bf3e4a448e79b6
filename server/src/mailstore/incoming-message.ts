import { createLineEndMender } from '../codec/mime/line-ends.js';
import { createMessageScan, type MessageFacts } from '../codec/mime/message-facts.js';
import { writeContent } from '../database/content-writer.js';
import type { Contents } from '../database/contents.js';
import type { ContentDocument } from '../database/documents.js';
import { MailError } from '../kernel/errors.js';
import type { IncomingMessage, StagedMessage } from './content.js';

/**
 * Octets on their way into the store: line ends are mended (invariant 3), pieces are written as they fill, and one scan takes
 * everything that lists, threads and searches need.
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
  const writer = writeContent(contents, owners === undefined ? { id } : { id, owners });
  let state: State = 'open';

  return {
    async write(chunk) {
      if (state !== 'open') throw new MailError('closed', 'The message was given up');
      const octets = mender.push(chunk);
      if (writer.size + octets.length > maxBytes) {
        state = 'aborted';
        throw new MailError('tooBig', 'The message is larger than is accepted here');
      }
      scan.push(octets);
      await writer.push(octets);
    },
    async finish() {
      if (state !== 'open') throw new MailError('closed', 'The message was given up');
      state = 'finished';
      const document = await writer.finish();
      return { size: writer.size, facts: scan.end(), document, begunMs };
    },
    abort() {
      state = 'aborted';
      writer.abort();
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
