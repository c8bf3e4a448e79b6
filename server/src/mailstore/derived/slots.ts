import type { Columns } from '../mailbox-columns.js';
import { hexAt } from '../mailbox-version.js';

/** The slot of every message in these mailboxes, by message id in hex. Their cold columns must be there. */
export function slotsOf(mailboxes: Iterable<Columns>): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  for (const { cold, count } of mailboxes) {
    for (let i = 0; i < count; i++) slots.set(hexAt(cold!.id, 12, i), cold!.slot[i]!);
  }
  return slots;
}
