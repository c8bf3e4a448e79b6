import { noSupportWrites } from '../../database/commits.js';
import type { MailboxId, ModSeq } from '../../kernel/ids.js';
import type { Command } from '../draft.js';
import type { EntryBuilder } from '../entry-builder.js';
import { deletedBit } from '../flags.js';
import { maxRowsInEntry } from '../log-entry.js';
import { type Columns, idBytes, threadBytes } from '../mailbox-columns.js';
import { encodeUids } from '../uid-set.js';
import { spill } from './spill.js';
import { uidsAt } from './store-flags.js';

export interface Expunged {
  readonly uids: Uint32Array;
  readonly modseq: ModSeq;
}

/** EXPUNGE, UID EXPUNGE, CLOSE: one `gone` for all messages with \Deleted, or for those of them that are in `uids`. */
export function expungeCommand(
  account: string,
  mailbox: MailboxId,
  uids: Uint32Array | undefined,
  by: string,
): Command<Expunged> {
  return {
    by,
    supports: noSupportWrites,
    bytes: 4096,
    columns: [{ box: mailbox, cold: true }],
    run(entry) {
      const box = entry.box(mailbox);
      const columns = entry.view.columns(mailbox);
      const indexes = deletedAt(columns, uids);
      if (indexes.length === 0) return { uids: indexes, modseq: box.hm as ModSeq };
      addGoneOp(entry, account, mailbox, columns, indexes);
      return { uids: uidsAt(columns, indexes), modseq: entry.n as ModSeq };
    },
  };
}

function deletedAt(columns: Columns, uids: Uint32Array | undefined): Uint32Array {
  if (uids !== undefined) return columns.indexesOf(uids).filter((index) => (columns.flags[index]! & deletedBit) !== 0);
  let count = 0;
  for (let i = 0; i < columns.count; i++) if ((columns.flags[i]! & deletedBit) !== 0) count += 1;
  const indexes = new Uint32Array(count);
  for (let i = 0, at = 0; at < count; i++) if ((columns.flags[i]! & deletedBit) !== 0) indexes[at++] = i;
  return indexes;
}

/** `gone` of the messages at `indexes` (ascending), and what it does to totals. */
export function addGoneOp(
  entry: EntryBuilder,
  account: string,
  mailbox: string,
  columns: Columns,
  indexes: Uint32Array,
): void {
  pushGoneOp(entry, account, mailbox, columns, indexes);
  entry.countGone(mailbox, columns, indexes);
}

/** The op alone, with what JMAP needs to name what went (store design section 1). */
export function pushGoneOp(
  entry: EntryBuilder,
  account: string,
  mailbox: string,
  columns: Columns,
  indexes: Uint32Array,
): void {
  const u = encodeUids(uidsAt(columns, indexes));
  if (indexes.length > maxRowsInEntry) {
    const segs = spill(entry, account, columns, indexes, (i) => columns.uid[indexes[i]!]!);
    entry.ops.push({ o: 'gone', box: mailbox, u, segs });
  } else {
    entry.ops.push({
      o: 'gone',
      box: mailbox,
      u,
      ids: gather(columns.cold!.id, idBytes, indexes),
      threads: gather(columns.cold!.thread, threadBytes, indexes),
    });
  }
}

/** The values of a column of `width` octets at `indexes`. */
export function gather(column: Uint8Array, width: number, indexes: Uint32Array): Uint8Array {
  const octets = new Uint8Array(width * indexes.length);
  for (const [i, index] of indexes.entries()) {
    octets.set(column.subarray(width * index, width * (index + 1)), width * i);
  }
  return octets;
}
