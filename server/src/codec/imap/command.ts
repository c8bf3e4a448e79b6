/**
 * Every command the codec reads, as one discriminated union. Mailbox names are decoded to UTF-8 (NFC), `INBOX` in capitals;
 * that a name is well formed was checked, that it exists was not. APPEND is not here: its messages are streamed, see
 * framing.ts and append.ts.
 */
import type { FetchCommand } from './fetch.js';
import type { ListCommand, LsubCommand } from './list.js';
import type { SearchCommand } from './search.js';
import type { SelectCommand } from './select.js';
import type { SequenceSet } from './sequence-set.js';
import type { StatusCommand } from './status.js';
import type { StoreCommand } from './store.js';

export interface PlainCommand {
  readonly kind:
    | 'capability'
    | 'noop'
    | 'logout'
    | 'starttls'
    | 'namespace'
    | 'idle'
    | 'check'
    | 'close'
    | 'unselect'
    | 'expunge';
}

/** RFC 2971: undefined for NIL. */
export interface IdCommand {
  readonly kind: 'id';
  readonly parameters: readonly (readonly [string, string | null])[] | undefined;
}

export interface AuthenticateCommand {
  readonly kind: 'authenticate';
  /** In capitals. */
  readonly mechanism: string;
  /** RFC 4959, decoded; `=` is an empty one. */
  readonly initialResponse: Uint8Array | undefined;
}

export interface LoginCommand {
  readonly kind: 'login';
  readonly user: string;
  readonly password: Uint8Array;
}

/** RFC 9051 6.3.1; names in capitals, unknown ones too (they are to be ignored). */
export interface EnableCommand {
  readonly kind: 'enable';
  readonly capabilities: readonly string[];
}

export interface CreateCommand {
  readonly kind: 'create';
  /** A final `/` was dropped (RFC 9051 6.3.4). */
  readonly mailbox: string;
  /** RFC 6154 5.2, USE (\Sent ...): names with their backslash, as written. */
  readonly use: readonly string[];
}

export interface MailboxCommand {
  readonly kind: 'delete' | 'subscribe' | 'unsubscribe' | 'getQuotaRoot';
  readonly mailbox: string;
}

export interface RenameCommand {
  readonly kind: 'rename';
  readonly from: string;
  readonly to: string;
}

/** COPY, MOVE and their UID forms. */
export interface CopyCommand {
  readonly kind: 'copy' | 'move';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mailbox: string;
}

/** UID EXPUNGE (RFC 9051 6.4.9). */
export interface UidExpungeCommand {
  readonly kind: 'uidExpunge';
  readonly set: SequenceSet;
}

export interface GetQuotaCommand {
  readonly kind: 'getQuota';
  readonly root: string;
}

/** RFC 9208 4.1.3. */
export interface SetQuotaCommand {
  readonly kind: 'setQuota';
  readonly root: string;
  readonly resources: readonly { readonly name: string; readonly limit: number }[];
}

export type ImapCommand =
  | PlainCommand
  | IdCommand
  | AuthenticateCommand
  | LoginCommand
  | EnableCommand
  | SelectCommand
  | CreateCommand
  | MailboxCommand
  | RenameCommand
  | ListCommand
  | LsubCommand
  | StatusCommand
  | UidExpungeCommand
  | SearchCommand
  | FetchCommand
  | StoreCommand
  | CopyCommand
  | GetQuotaCommand
  | SetQuotaCommand;

export interface TaggedCommand {
  readonly tag: string;
  readonly command: ImapCommand;
}
