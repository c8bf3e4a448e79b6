/**
 * The states of an IMAP session (RFC 9051 section 3) as one union, so that a state that cannot be cannot be written: a
 * selected mailbox exists only together with an account, an account only after a login.
 */
import type { Principal } from '../auth/authenticator.js';
import { createFlagFormatter, type FlagFormatter } from '../codec/imap/flag-format.js';
import type { Account } from '../mailstore/account.js';
import type { MailboxCursor } from '../mailstore/mailbox.js';
import type { TreeMemo } from '../mailstore/open-message.js';
import type { StoreBatches } from './store-batches.js';

/** What ENABLE, or a command that enables by itself, has switched on. Never switched off again (RFC 5161 3.1). */
export interface Enabled {
  /** RFC 9051 6.3.1: no RECENT, ESEARCH in place of SEARCH, mailbox names in UTF-8. */
  imap4rev2: boolean;
  /** RFC 7162 3.1: MODSEQ in every FETCH that tells of flags. */
  condstore: boolean;
  /** RFC 6855 3: names and quoted strings in UTF-8. */
  utf8: boolean;
}

/** One mailbox under SELECT or EXAMINE; a rename by another session keeps the session in it. */
export interface SelectedMailbox {
  readonly cursor: MailboxCursor;
  readonly readOnly: boolean;
  /** UIDs of the last SEARCH with SAVE, ascending (RFC 5182 2.1): `$`. Uids, so that EXPUNGE needs no bookkeeping. */
  savedResult: Uint32Array;
  readonly treeMemo: TreeMemo;
  readonly stores: StoreBatches;
  /** How many of the account's keywords the session was told of. */
  toldKeywords: number;
  /** HIGHESTMODSEQ as the session was last told. */
  toldModseq: number;
}

/** A formatter that knows every keyword: combinations made before a keyword was there left it out. */
export function flagFormatter(login: LoggedIn): FlagFormatter {
  const { keywords } = login.account;
  if (keywords.length !== login.flagKeywords) {
    login.flags = createFlagFormatter(keywords);
    login.flagKeywords = keywords.length;
  }
  return login.flags;
}

export interface LoggedIn {
  readonly principal: Principal;
  readonly account: Account;
  readonly enabled: Enabled;
  /** Combinations of the account's flags as octets; see `flagFormatter`. */
  flags: FlagFormatter;
  /** How many keywords the account had when `flags` was made. */
  flagKeywords: number;
}

export type SessionState =
  | { readonly kind: 'notAuthenticated' }
  | { readonly kind: 'authenticated'; readonly login: LoggedIn }
  | { readonly kind: 'selected'; readonly login: LoggedIn; readonly mailbox: SelectedMailbox }
  | { readonly kind: 'logout' };
