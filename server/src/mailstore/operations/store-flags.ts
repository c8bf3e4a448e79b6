import { noSupportWrites } from '../../database/commits.js';
import type { MailboxId, ModSeq } from '../../kernel/ids.js';
import type { FlagChange, FlagResult } from '../account.js';
import type { Command } from '../draft.js';
import type { EntryBuilder } from '../entry-builder.js';
import { type FlagWords, seenBit } from '../flags.js';
import type { Columns } from '../mailbox-columns.js';
import { encodeUids } from '../uid-set.js';

export type Masks = { readonly on: FlagWords; readonly off: FlagWords };

/** STORE of any number of messages: one `flag` op that lists only what changes. */
export function storeFlagsCommand(mailbox: MailboxId, change: FlagChange, by: string): Command<FlagResult> {
  return {
    by,
    supports: noSupportWrites,
    bytes: 512 + change.uids.length,
    columns: [{ box: mailbox, cold: false }],
    run(entry) {
      const box = entry.box(mailbox);
      const columns = entry.view.columns(mailbox);
      const present = columns.indexesOf(change.uids);
      const missing = absent(change.uids, columns, present);
      const [indexes, conflicts] = unconflicted(columns, present, change.unchangedSince);
      // RFC 7162 3.1.3: a keyword that no message gets is not made.
      const masks = masksOf(entry, change, indexes.length > 0);
      const changing = indexes.filter((index) => differs(columns, index, masks));
      if (changing.length > 0) addFlagOp(entry, mailbox, columns, changing, masks);
      return {
        modseq: (changing.length > 0 ? entry.n : box.hm) as ModSeq,
        changed: uidsAt(columns, changing),
        conflicts: uidsAt(columns, conflicts),
        missing,
      };
    },
  };
}

function masksOf(entry: EntryBuilder, change: FlagChange, create: boolean): Masks {
  const none: FlagWords = [0, 0, 0, 0];
  const words = entry.flagWords(change.flags, create && change.mode !== 'remove');
  if (change.mode === 'add') return { on: words, off: none };
  if (change.mode === 'remove') return { on: none, off: words };
  return { on: words, off: [-1, -1, -1, -1] };
}

export function differs(columns: Columns, index: number, { on, off }: Masks): boolean {
  const flags = columns.flags[index]! | 0;
  if (((flags & ~off[0]) | on[0]) !== flags) return true;
  for (let word = 0; word < 3; word++) {
    const old = columns.keywordWord(word, index) | 0;
    if (((old & ~off[word + 1]!) | on[word + 1]!) !== old) return true;
  }
  return false;
}

/** The op alone, for the messages at `indexes` (ascending). */
export function pushFlagOp(
  entry: EntryBuilder,
  mailbox: string,
  columns: Columns,
  indexes: Uint32Array,
  { on, off }: Masks,
): void {
  // Only what somebody there has: readers of the log may then tell that a mark was taken off from one that never was.
  let had = 0;
  for (const index of indexes) had |= columns.flags[index]!;
  const kon = on.slice(1);
  const koff = off.slice(1);
  entry.ops.push({
    o: 'flag',
    box: mailbox,
    u: encodeUids(uidsAt(columns, indexes)),
    on: on[0],
    off: off[0] & had,
    ...(kon.some((word) => word !== 0) ? { kon } : {}),
    ...(koff.some((word) => word !== 0) ? { koff } : {}),
  });
}

function addFlagOp(
  entry: EntryBuilder,
  mailbox: MailboxId,
  columns: Columns,
  indexes: Uint32Array,
  masks: Masks,
): void {
  pushFlagOp(entry, mailbox, columns, indexes, masks);
  const { on, off } = masks;
  entry.totals(mailbox);
  if ((on[0] & seenBit) !== 0) {
    entry.countSeen(
      mailbox,
      columns,
      indexes.filter((index) => (columns.flags[index]! & seenBit) === 0),
    );
  } else if ((off[0] & seenBit) !== 0) {
    entry.countUnseen(
      mailbox,
      indexes.filter((index) => (columns.flags[index]! & seenBit) !== 0),
    );
  }
}

/** RFC 7162 3.1.3: those that changed since are left alone. */
function unconflicted(
  columns: Columns,
  indexes: Uint32Array,
  since: number | undefined,
): readonly [Uint32Array, Uint32Array] {
  if (since === undefined) return [indexes, new Uint32Array(0)];
  return [
    indexes.filter((index) => columns.modseq[index]! <= since),
    indexes.filter((index) => columns.modseq[index]! > since),
  ];
}

export function uidsAt(columns: Columns, indexes: Uint32Array): Uint32Array {
  return indexes.map((index) => columns.uid[index]!);
}

function absent(uids: Uint32Array, columns: Columns, present: Uint32Array): Uint32Array {
  if (present.length === uids.length) return new Uint32Array(0);
  const here = new Set(uidsAt(columns, present));
  return uids.filter((uid) => !here.has(uid));
}
