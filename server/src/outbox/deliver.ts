/**
 * What the dispatcher asks of the rest of the service. `main` gives it: the outbox knows neither mailboxes nor relays, and
 * neither knows the outbox.
 */
export interface OutgoingMessage {
  /** Of the submission, or of a notice about it: two calls with one id are the same message, handed over again. Whoever takes it
   *  sees to it that a mailbox gets it once (RFC 3461 4.4, ENVID). */
  readonly id: string;
  /** Empty for `<>`. */
  readonly from: string;
  readonly recipients: readonly OutgoingRecipient[];
  /** May be read more than once. */
  readonly octets: AsyncIterable<Uint8Array>;
  readonly size: number;
  /** When it was to leave: part of what stays the same. */
  readonly created: Date;
  /** Whose it is. */
  readonly account: string;
  /** RFC 3461 4.4 and 4.3, for a next hop that tells the sender. */
  readonly envid?: string | undefined;
  readonly ret?: 'full' | 'hdrs' | undefined;
  /** For the Received field: `HTTP` for what a person wrote here. */
  readonly via: string;
}

export interface OutgoingRecipient {
  readonly address: string;
  readonly orcpt: string | undefined;
  readonly notify?: readonly ('never' | 'success' | 'failure' | 'delay')[] | undefined;
}

export type RecipientOutcome =
  /** The next hop has taken responsibility. `relayed`: it tells the sender of all that comes of it, success too. */
  | { readonly kind: 'sent'; readonly reply: string; readonly relayed?: true }
  /** No way leads there yet: it waits until one does. */
  | { readonly kind: 'held'; readonly reply: string }
  /** Never. */
  | { readonly kind: 'failed'; readonly reply: string }
  /** Not now. `doubt`: it may have arrived all the same. */
  | { readonly kind: 'later'; readonly reply: string; readonly doubt: boolean };

/** One outcome a recipient, in order. Throws only when nothing was tried: then all of it is for later, without doubt. */
export type Deliver = (message: OutgoingMessage, signal: AbortSignal) => Promise<readonly RecipientOutcome[]>;
