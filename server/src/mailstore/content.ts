import type { MessageId } from '../kernel/ids.js';

/**
 * One message's octets as they go out: `prefix` (empty for what was appended), then `first`, then `rest`. `first` holds all
 * of it for most messages (up to 1 MiB); larger ones come in pieces of 1 MiB, read as they are asked for.
 */
export interface MessageOctets {
  /** Position in the list that was asked for. */
  readonly index: number;
  readonly id: MessageId;
  /** Octets of prefix + content: RFC822.SIZE. */
  readonly size: number;
  readonly prefix: Uint8Array;
  readonly first: Uint8Array;
  /** The pieces after `first`; none for a small message. May be called once, and need not be. */
  rest(): AsyncIterable<Uint8Array>;
}

/**
 * What lists show of a message, as the octets that go out over IMAP: ENVELOPE and BODYSTRUCTURE without their names, and
 * the header fields of `listedHeaderFields` as they stand in the message, each with its CRLF, in message order.
 */
export interface MessageCard {
  /** Position in the list that was asked for. */
  readonly index: number;
  readonly envelope: Uint8Array;
  readonly bodyStructure: Uint8Array;
  readonly headers: Uint8Array;
}

/** Parts of a card; those that were not asked for may be empty. */
export type CardPart = 'envelope' | 'bodyStructure' | 'headers';

/**
 * A message on its way in. Octets are stored as they arrive: at most a few MiB are in memory. A lone LF becomes CRLF, nothing
 * else changes (invariant 3). Nothing is visible, and nothing counts, before it is committed by `append` or a delivery.
 */
export interface IncomingMessage {
  /** Resolves when more may be written. Throws MailError tooBig past the limit, unavailable when the store is away. */
  write(chunk: Uint8Array): Promise<void>;
  /** No more octets. What it returns goes to exactly one commit. */
  finish(): Promise<StagedMessage>;
  /** Forgets it; the collector removes what was written. Never throws. */
  abort(): void;
}

declare const staged: unique symbol;
/** A complete message that waits for its commit: opaque outside mailstore. */
export interface StagedMessage {
  readonly [staged]: true;
  /** Octets of the content, after line ends were mended. */
  readonly size: number;
}
