import type { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';

/** Where one recipient's copy goes. */
export interface DeliveryRecipient {
  readonly account: AccountId;
  /** Octets put before the content: Return-Path, Delivered-To and one Received, each with CRLF (invariant 3). */
  readonly prefix: Uint8Array;
  /** The +detail of the address: delivered to the mailbox of that path (compared without case, also below INBOX) when it
   *  exists, else to INBOX. */
  readonly detail?: string;
  /** `spam` goes to the junk mailbox whatever `detail` says. */
  readonly junk?: boolean;
  readonly flags?: readonly string[];
  /** Octets the account may hold, undefined for no limit: from the directory, at RCPT. */
  readonly quotaBytes?: number;
}

export type DeliveryOutcome =
  | { readonly kind: 'stored'; readonly uid: number }
  /** The same ENVID, recipient and content within 7 days: nothing was stored again. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly error: MailError };

/**
 * One message to one or many recipients: begin, write, commit. One content document whatever the number of recipients
 * (store.md section 2). `commit` resolves with one outcome a recipient, in order, after everything that it calls stored is
 * durable; it throws only when nothing is known of any of them (unavailable).
 */
export interface Delivery {
  /** As IncomingMessage.write. */
  write(chunk: Uint8Array): Promise<void>;
  commit(): Promise<readonly DeliveryOutcome[]>;
  /** Never throws. */
  abort(): void;
}

export interface DeliveryOptions {
  readonly maxBytes: number;
  /** RFC 3461 4.4, from a trusted peer only: makes a repeated hand-over harmless. */
  readonly envid?: string;
}
