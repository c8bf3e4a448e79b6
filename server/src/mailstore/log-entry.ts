import type { ChangeDocument } from '../database/documents.js';
import type { UidSet } from './uid-set.js';

/**
 * The operations of a log entry (store design section 1). They are applied in order, all or nothing; each states the
 * result, and none depends on more than the state before its entry. The in-memory form is the stored form: nothing is
 * encoded twice.
 */

/** One message came: APPEND, delivery. */
export interface AddOp {
  readonly o: 'add';
  readonly box: string;
  readonly uid: number;
  readonly id: Uint8Array;
  readonly size: number;
  /** INTERNALDATE in seconds. */
  readonly date: number;
  readonly flags: number;
  /** Keyword words 1 to 3; absent when all are 0. */
  readonly kw?: readonly number[];
  readonly thread: Uint8Array;
  readonly slot: number;
  readonly uidl?: string;
}

/** Columns of several messages whose uids run from `lo`, each little-endian. */
export interface AddedColumns {
  readonly flags: Uint8Array;
  readonly kw1?: Uint8Array;
  readonly kw2?: Uint8Array;
  readonly kw3?: Uint8Array;
  readonly id: Uint8Array;
  readonly size: Uint8Array;
  readonly date: Uint8Array;
  readonly thread: Uint8Array;
  readonly slot: Uint8Array;
}

/** Many messages came: COPY, MOVE. Above 4,096 their columns are in documents of `segments`. */
export interface AddsOp {
  readonly o: 'adds';
  readonly box: string;
  readonly lo: number;
  readonly c: number;
  readonly cols?: AddedColumns;
  readonly segs?: readonly string[];
}

/** Flags changed: `flags = flags & ~off | on` for each message of `u`, which lists only what changes. */
export interface FlagOp {
  readonly o: 'flag';
  readonly box: string;
  readonly u: UidSet;
  readonly on: number;
  readonly off: number;
  /** The same for keyword words 1 to 3; absent when all are 0. */
  readonly kon?: readonly number[];
  readonly koff?: readonly number[];
}

/** Messages went: EXPUNGE, MOVE. `ids` and `threads` in uid order, so that JMAP can name what went. */
export interface GoneOp {
  readonly o: 'gone';
  readonly box: string;
  readonly u: UidSet;
  readonly ids?: Uint8Array;
  readonly threads?: Uint8Array;
  readonly segs?: readonly string[];
}

/** A mailbox is created, or its role, subscription or path changes. */
export interface BoxOp {
  readonly o: 'box';
  readonly id: string;
  readonly path: string;
  readonly role?: string;
  readonly sub: boolean;
  readonly uv: number;
  /** Sort order (RFC 8621 2); absent: 0. */
  readonly so?: number;
}

/** A mailbox is deleted with everything in it. */
export interface DropOp {
  readonly o: 'drop';
  readonly box: string;
}

/** All messages of `from` lie in `to` from now on, with their uids; `from` is empty (RENAME INBOX). */
export interface TakeOp {
  readonly o: 'take';
  readonly from: string;
  readonly to: string;
}

/** The mailbox `from` and all below it are renamed. */
export interface TreeOp {
  readonly o: 'tree';
  readonly from: string;
  readonly to: string;
}

export interface SubOp {
  readonly o: 'sub';
  readonly path: string;
  readonly on: boolean;
}

/** Keyword `bit` of the account's table gets a name. */
export interface KeywordOp {
  readonly o: 'kw';
  readonly bit: number;
  readonly name: string;
}

export type Op = AddOp | AddsOp | FlagOp | GoneOp | BoxOp | DropOp | TakeOp | TreeOp | SubOp | KeywordOp;
export type Entry = ChangeDocument<Op>;

/** Messages of one op that are kept in the entry itself; more are spilled into segments (store design section 1). */
export const maxRowsInEntry = 4096;
/** Bytes of an entry (store design section 13: the event of the stream stays far from 16 MB). */
export const maxEntryBytes = 1024 * 1024;

const fixedBytes = 256;

/** About how many bytes an entry takes, in the log and in memory: for batching and for the trigger of the fold. */
export function entryBytes(entry: Entry): number {
  let bytes = fixedBytes + 96 * entry.after.length;
  for (const op of entry.ops) bytes += opBytes(op);
  return bytes;
}

function opBytes(op: Op): number {
  switch (op.o) {
    case 'add':
      return 220;
    case 'adds':
      return 128 + (op.cols === undefined ? 0 : 48 * op.c) + 32 * (op.segs?.length ?? 0);
    case 'flag':
      return 128 + setBytes(op.u);
    case 'gone':
      return 128 + setBytes(op.u) + (op.ids?.length ?? 0) + (op.threads?.length ?? 0);
    default:
      return 128 + ('path' in op ? op.path.length : 0) + ('from' in op ? op.from.length + op.to.length : 0);
  }
}

function setBytes(set: UidSet): number {
  return typeof set === 'string' || set instanceof Uint8Array ? set.length : set.m.length;
}

/** Of two entries in a row: the chain that readers verify (store design section 1, `p`). */
export function follows(entry: Entry, n: number, w: string): boolean {
  return entry.n === n + 1 && (entry.p === w || w === '');
}

/** The mailboxes whose messages an op touches. */
export function boxesOf(op: Op): readonly string[] {
  switch (op.o) {
    case 'add':
    case 'adds':
    case 'flag':
    case 'gone':
    case 'drop':
      return [op.box];
    case 'take':
      return [op.from, op.to];
    default:
      return [];
  }
}
