/**
 * The UIDLs that messages of a mailbox had on the server they were imported from (design, Names that protocols share). They lie
 * in a column of the segments that only imports have, and in the ops of the tail. Segments never change, so one that has no
 * such column is asked once.
 */
import type { MailDatabase } from '../database/database.js';
import type { SegmentRows } from '../database/segments.js';
import { MailError } from '../kernel/errors.js';
import type { AccountView } from './account-view.js';
import { u32Column } from './apply-op.js';
import type { Entry } from './log-entry.js';
import type { Rows } from './mailbox-columns.js';
import { type Lineage, lineageOf, segmentsOf } from './mailbox-loader.js';

/** Octets of a UIDL that are kept: its length has one octet. */
export const maxUidlBytes = 255;
/** How often the list of segments is read anew because a fold replaced it meanwhile. */
const maxAttempts = 8;

const none: ReadonlySet<string> = new Set();
/** Segments of each view's account that are known to have no such column. */
const without = new WeakMap<AccountView, ReadonlySet<string>>();

/** By uid. Of messages that came otherwise nothing is said. */
export async function importedUidls(
  database: Pick<MailDatabase, 'segments'>,
  view: AccountView,
  mailbox: string,
): Promise<ReadonlyMap<number, string>> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const lineage = lineageOf(mailbox, view.tail);
    const { tail } = view;
    // What `take` brought from another mailbox has none here.
    const ids = lineage.stretches.length > 1 ? [] : segmentsOf(lineage, view.root);
    const known = without.get(view) ?? none;
    const asked = ids.filter((id) => !known.has(id));
    const loaded = asked.length === 0 ? [] : await database.segments.load(view.account, asked, ['uid', 'uidl']);
    if (loaded === undefined) {
      await view.readRoot();
      continue;
    }
    const uidls = new Map<number, string>();
    const empty = new Set(ids.filter((id) => known.has(id)));
    for (const rows of loaded) {
      if (rows.column('uidl') === undefined) empty.add(rows.s);
      else readUidls(rows, u32Column(rows.column('uid')!), uidls);
    }
    without.set(view, empty);
    addedUidls(lineage, tail, uidls);
    return uidls;
  }
  throw new MailError('unavailable', 'The mailbox is being reorganised, try again');
}

/** The `uidl` column: a length octet and so many octets a message (store design section 1). */
export function readUidls(segment: SegmentRows, uids: Rows['uid'], into: Map<number, string>): void {
  const column = segment.column('uidl');
  if (column === undefined) return;
  let at = 0;
  for (let i = 0; i < segment.count && at < column.length; i++) {
    const length = column[at]!;
    if (length > 0) into.set(uids[i]!, column.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
}

/** A `uidl` belongs to its (mailbox, uid): what was taken into another mailbox has none there. */
export function addedUidls(lineage: Lineage, tail: readonly Entry[], uidls: Map<number, string>): void {
  if (lineage.stretches.length > 1) uidls.clear();
  const stretch = lineage.stretches.at(-1);
  if (stretch === undefined) return;
  for (let i = stretch.from; i < stretch.to; i++) {
    for (const op of tail[i]!.ops) {
      if (op.o === 'add' && op.box === stretch.box && op.uidl !== undefined) uidls.set(op.uid, op.uidl);
    }
  }
}
