/**
 * The contract of whoever carries a message to the next hop. It tries once, within its own timeouts, and says for every
 * recipient what came of it; the queue decides what that means (again later, a notice, done).
 *
 * Twice is possible, never is not: the same `id` may be handed to it again after a crash. The mailbox service drops the second
 * by ENVID; other hosts are not asked to.
 */
import type { Body, Client, Envelope, Recipient } from '../queue/message.js';
import type { Route } from '../routing/route.js';

export interface Attempt {
  /** Of the delivery, the same at every try: ENVID towards a mailbox. */
  readonly id: string;
  readonly route: Route;
  readonly envelope: Envelope;
  /** At least one. */
  readonly recipients: readonly Recipient[];
  readonly body: Body;
  /** Address of the host that the message first came from, for XCLIENT towards the mailbox service. */
  readonly client?: Client;
}

export type Outcome =
  /** 2xx after the message. `dsn`: this host has taken over the duty of notices (RFC 3461 5.2). */
  | { readonly kind: 'delivered'; readonly reply: string; readonly dsn: boolean }
  /** Not now. `doubt`: the message was sent and no reply came; it may have arrived (RFC 1047). */
  | { readonly kind: 'later'; readonly reply: string; readonly doubt: boolean }
  | { readonly kind: 'failed'; readonly reply: string };

export interface AttemptReport {
  /** One a recipient, in order. `reply` is one line, `250 2.1.5 text`; what no host said is put in the same form. */
  readonly outcomes: readonly Outcome[];
  /** The host that spoke last, as `name [address]`. */
  readonly host?: string;
  readonly tls?: { readonly version: string; readonly cipher: string; readonly verified: boolean };
  /** No host of the route could be talked to: the whole route backs off, not this message alone. */
  readonly unreachable: boolean;
}

export interface Deliverer {
  /** Rejects only when `signal` was aborted: then nothing is known, as after a crash. */
  deliver(attempt: Attempt, signal: AbortSignal): Promise<AttemptReport>;
  /** Sessions that are kept open end. */
  close(): Promise<void>;
}
