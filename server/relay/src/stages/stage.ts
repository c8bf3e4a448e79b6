/**
 * The stages that look at a message after it was received and before its sender is told that it was accepted: identification,
 * scanners, rules. Each is an adapter behind this contract; they run side by side, each in its time, and what they say is put
 * together by `decide`.
 *
 * A stage never throws for what a message holds. One that cannot do its work says `error`, and its class says what that means: a
 * message that no virus scanner saw waits (fail closed), one that no spam filter saw goes on with a mark (fail open).
 */
import type { Client, Envelope, Recipient } from '../queue/message.js';
import type { Entrance } from '../spool/spool-record.js';

export interface StageMessage {
  readonly id: string;
  readonly entrance: Entrance;
  /** The other end; behind the campus hosts that is not the sender (`firstHop`). */
  readonly client: Client;
  readonly envelope: Envelope;
  readonly recipients: readonly Recipient[];
  /** The header as it goes on, without the empty line. */
  readonly header: Uint8Array;
  readonly sizeBytes: number;
  /** The whole message; each call begins at the first octet. */
  octets(): AsyncIterable<Uint8Array>;
}

export type StageResult =
  /** `fields`: header fields for people of the laboratory, each with its CRLF. */
  | { readonly kind: 'clean'; readonly score?: number; readonly fields?: string }
  | { readonly kind: 'suspect' | 'spam'; readonly score: number; readonly fields?: string }
  /** `450 4.7.1 text` or `550 5.7.1 text`. Towards the campus a refusal would become its notice to a forged sender: there the message is held. */
  | { readonly kind: 'refuse'; readonly reply: string; readonly reason: string }
  /** Somebody has to look at it. */
  | { readonly kind: 'hold'; readonly reason: string }
  /** Accepted and forgotten. */
  | { readonly kind: 'discard'; readonly reason: string }
  | { readonly kind: 'error'; readonly reason: string };

export interface Stage {
  readonly name: string;
  readonly onError: 'hold' | 'pass';
  readonly timeoutMs: number;
  look(message: StageMessage, signal: AbortSignal): Promise<StageResult>;
}
