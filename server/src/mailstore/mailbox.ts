import type { MailboxId, MessageId, ModSeq, ThreadId } from '../kernel/ids.js';
import type { FlagWords } from './flags.js';

/** RFC 6154 and RFC 8457 roles; `inbox` is INBOX itself. */
export type MailboxRole = 'inbox' | 'all' | 'archive' | 'drafts' | 'flagged' | 'important' | 'junk' | 'sent' | 'trash';

/** What LIST, STATUS, SELECT's answer and JMAP Mailbox need: known without reading any message. Immutable. */
export interface MailboxInfo {
  readonly id: MailboxId;
  /** Full path, UTF-8 (NFC), levels joined by `/`. INBOX is always spelt `INBOX`. */
  readonly path: string;
  readonly role: MailboxRole | undefined;
  readonly subscribed: boolean;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly highestModseq: ModSeq;
  readonly exists: number;
  readonly unseen: number;
  /** Sequence number of the first unseen message, 0 if none. */
  readonly firstUnseen: number;
  /** Octets of all its messages (STATUS SIZE, quota). */
  readonly bytes: number;
  /** Among its siblings, 0 unless somebody said otherwise (RFC 8621 2). */
  readonly sortOrder: number;
}

/** Columns that are read only when somebody asks for them: a flag listing of 100,000 messages reads 1.2 MB, not 5. */
export type LazyColumn = 'id' | 'size' | 'date' | 'thread' | 'slot';

/**
 * One version of a mailbox, shared by every session that was told of it: arrays in uid order, so index + 1 is the sequence
 * number. Flags and modseq change in place; messages are added at the end (`count` grows in the *next* version only); an
 * expunge makes new arrays. Only the first `count` values of a column are valid. Never written to outside mailstore.
 */
export interface MailboxView {
  readonly mailbox: MailboxId;
  readonly count: number;
  readonly uid: Uint32Array;
  /** Word 0 of the flags. */
  readonly flags: Uint32Array;
  /** Words 1 to 3, undefined while nobody in the mailbox uses a keyword of that word. */
  readonly keywords: readonly [Uint32Array | undefined, Uint32Array | undefined, Uint32Array | undefined];
  /** Modseqs fit a double exactly. */
  readonly modseq: Float64Array;
  /** Loads columns; resolves at once when they are there. The getters below throw if their column was not loaded. */
  load(columns: readonly LazyColumn[], signal?: AbortSignal): Promise<void>;
  idAt(index: number): MessageId;
  sizeAt(index: number): number;
  /** INTERNALDATE, seconds since 1970 (UTC). */
  dateAt(index: number): number;
  threadAt(index: number): ThreadId;
  /** Place in the derived packs (store design section 1). */
  slotAt(index: number): number;
  flagsAt(index: number): FlagWords;
  /** Index of a uid, -1 if it is not in this version. Binary search. */
  indexOf(uid: number): number;
  /** Index of the first message whose uid is >= uid; `count` if none. */
  lowerBound(uid: number): number;
}

/** What reads of cards and octets need: messages by index. A MailboxView is one such list, the emails of an account another. */
export type MessageRows = Pick<MailboxView, 'count' | 'load' | 'idAt' | 'sizeAt' | 'slotAt'>;

/** What a search scans. Without `placed`, questions about uids, sequence numbers and modseqs cannot be asked. */
export type SearchRows = MessageRows &
  Pick<MailboxView, 'flags' | 'keywords' | 'dateAt'> &
  Partial<Pick<MailboxView, 'modseq' | 'lowerBound'>>;

/** What a session has to be told, in the order to say it: vanished, then exists, then flags. */
export interface MailboxDelta {
  /** Sequence numbers *of the old view*, ascending, and their uids: send EXPUNGE from the last to the first and no number
   *  has to be adjusted (RFC 9051 7.5.1). Empty when expunges were not allowed. */
  readonly expunged: Uint32Array;
  readonly expungedUids: Uint32Array;
  /** The new message count if messages were added (RFC 9051 7.4.1), else undefined. */
  readonly exists: number | undefined;
  /** Indexes in the new view whose flags changed by somebody else's hand since the session was last told. */
  readonly changed: Uint32Array;
  /** HIGHESTMODSEQ that this delta brings the session to. */
  readonly highestModseq: ModSeq;
  /** The account's keyword table grew: say FLAGS and PERMANENTFLAGS first. */
  readonly keywordsGrew: boolean;
  /** The mailbox itself was deleted, or its UIDVALIDITY changed: the session must leave it. */
  readonly gone: boolean;
}

/**
 * The place of one selected session in the life of a mailbox. It stays at the version it was told of until `advance`.
 * With `expunges: false` it moves only past changes that keep sequence numbers (RFC 9051 7.5.1: no EXPUNGE while FETCH,
 * STORE or SEARCH is under way); what was held back comes with a later `advance`.
 */
export interface MailboxCursor {
  readonly view: MailboxView;
  /** The newest state of the mailbox (for STATUS and SELECT's answer), which `view` may be behind. */
  readonly info: MailboxInfo;
  readonly pending: boolean;
  advance(options: { readonly expunges: boolean }): MailboxDelta;
  /** `listener` is called, never before the current turn ends, when something new is pending: IDLE and NOTIFY wait on it. */
  onPending(listener: () => void): () => void;
  close(): void;
}
