/**
 * The documents of the mail collections as they lie in MongoDB (store design section 1). Field names are short because
 * they are stored with every document. Columns are Binary of subtype 0, little-endian, one value a message, in uid order;
 * they are written as Uint8Array and read as Buffer.
 */

/** A folded run of messages of one mailbox: the segment document's id in hex, its first and last uid, its count. */
export interface SegmentLine {
  readonly s: string;
  readonly lo: number;
  readonly hi: number;
  readonly c: number;
}

export interface BoxDocument {
  readonly id: string;
  readonly path: string;
  readonly role?: string;
  readonly sub: boolean;
  readonly uv: number;
  /** UIDNEXT. */
  readonly un: number;
  /** HIGHESTMODSEQ. */
  readonly hm: number;
  readonly ex: number;
  readonly us: number;
  /** Sequence number of the first unseen message, 0 if none. */
  readonly fs: number;
  readonly by: number;
  /** Next slot; a multiple of 128 means that the next message takes a new block. */
  readonly sl: number;
  /** Sort order; absent: 0. */
  readonly so?: number;
  readonly segs: readonly SegmentLine[];
}

export interface RootDocument {
  readonly _id: string;
  readonly a: string;
  /** Everything up to this entry is folded in. */
  readonly n: number;
  /** The `w` of entry `n`: what the `p` of entry `n + 1` must be. */
  readonly w: string;
  readonly boxes: readonly BoxDocument[];
  readonly keywords: readonly string[];
  readonly use: number;
  readonly blocks: number;
  readonly uv: number;
  readonly lastFold: Date;
  /** Generation: what a fold compares and sets. */
  readonly g: number;
  /** Ids of the deliveries of the last 7 days: 12 octets and the time in seconds as u32 each (store design 2.5). */
  readonly seen: Uint8Array;
  readonly subs: readonly string[];
  readonly packs: readonly string[];
  /** How many blocks of slots were given when signatures were last taken into packs; absent means none. */
  readonly sliced?: number;
  readonly dead: readonly { readonly s: string; readonly t: Date }[];
  readonly prev: readonly { readonly id: string; readonly segs: readonly SegmentLine[] }[];
  readonly v: number;
}

/** Totals of a mailbox after an entry: `after[]`. */
export interface BoxTotals {
  readonly id: string;
  readonly un: number;
  readonly ex: number;
  readonly us: number;
  readonly fs: number;
  readonly by: number;
  readonly sl: number;
}

/** An entry of the log. What an op holds is the mailstore's affair. */
export interface ChangeDocument<Op = unknown> {
  readonly _id: string;
  readonly a: string;
  readonly n: number;
  readonly t: Date;
  readonly w: string;
  readonly p: string;
  readonly ops: readonly Op[];
  readonly after: readonly BoxTotals[];
  readonly use: number;
  readonly blocks: number;
  readonly by: string | Uint8Array;
}

export const segmentColumns = [
  'uid',
  'flags',
  'kw1',
  'kw2',
  'kw3',
  'mod',
  'id',
  'size',
  'date',
  'thread',
  'slot',
] as const;
export type SegmentColumn = (typeof segmentColumns)[number];

export interface SegmentDocument {
  readonly _id: string;
  readonly a: string;
  readonly c: number;
  readonly lo: number;
  readonly hi: number;
  readonly modBase: number;
  readonly uid: Uint8Array;
  readonly flags: Uint8Array;
  readonly kw1?: Uint8Array;
  readonly kw2?: Uint8Array;
  readonly kw3?: Uint8Array;
  readonly mod: Uint8Array;
  readonly id: Uint8Array;
  readonly size: Uint8Array;
  readonly date: Uint8Array;
  readonly thread: Uint8Array;
  readonly slot: Uint8Array;
  /** One length octet and so many octets a message; absent when no message has one. */
  readonly uidl?: Uint8Array;
}

export interface MessageDocument {
  readonly _id: string;
  readonly a: string;
  readonly box0: string;
  /** INTERNALDATE. */
  readonly date: Date;
  /** Octets of prefix and content. */
  readonly size: number;
  readonly content: string;
  readonly pre?: Uint8Array;
  readonly env: Uint8Array;
  readonly struct: Uint8Array;
  readonly heads: Uint8Array;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly sent?: Date;
  readonly mid: string;
  readonly preview: string;
  readonly thread: Uint8Array;
  /** int64 hashes of Message-ID and References, for threads. */
  readonly refs: readonly bigint[];
}

export interface ContentDocument {
  readonly _id: string;
  readonly a: string;
  /** Accounts that may name it: only when it is shared between the recipients of one delivery. */
  readonly owners?: readonly string[];
  readonly size: number;
  readonly sha256: Uint8Array;
  readonly b: Uint8Array;
  /** How many documents of `pieces` follow `b`. */
  readonly pieces: number;
  /** Only of what a client sent to make a message of later (uploads.ts). */
  readonly upload?: UploadMark;
}

export interface UploadMark {
  /** The media type that the client gave. */
  readonly type: string;
}

export interface PieceDocument {
  readonly _id: string;
  readonly a: string;
  readonly b: Uint8Array;
}

/** What lists show of the 128 messages of one block of slots: derived (store design section 1). */
export interface CardPackDocument {
  readonly _id: string;
  readonly a: string;
  readonly ids: Uint8Array;
  readonly ends: Uint8Array;
  readonly env: Uint8Array;
  readonly struct: Uint8Array;
  readonly heads: Uint8Array;
}

/** Search signature of one message, parts end to end; empty: always look. Derived. */
export interface SignatureDocument {
  readonly _id: string;
  readonly a: string;
  readonly b: Uint8Array;
}

/** Eight rows of a bit-sliced pack of signatures, or its directory. Derived. */
export interface SliceDocument {
  readonly _id: string;
  readonly a: string;
  readonly b: Uint8Array;
}

/** Numbers in `_id` are 12 lower-case hex digits, so that string order is number order. */
export function numberKey(n: number): string {
  return n.toString(16).padStart(12, '0');
}

export function changeKey(account: string, n: number): string {
  return `${account}/${numberKey(n)}`;
}

/** What `_id`s of an account's documents lie between, both exclusive: `/` is followed by `0` in ASCII. */
export function accountRange(account: string): { readonly $gt: string; readonly $lt: string } {
  return { $gt: `${account}/`, $lt: `${account}0` };
}
