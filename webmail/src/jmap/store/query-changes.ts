/** RFC 8620 5.6 on a list of which only parts are known. */
import type { QueryChangesResponse } from '@vaguemestre/shared/jmap/methods';

/** undefined: the place is there, what is on it is not known yet. */
export type Slots = readonly (string | undefined)[];

/**
 * The list after the changes, or undefined when they cannot be placed with certainty: something was removed from a part we
 * do not know. The total tells: every id we found and removed was in the old list, so if the count fits, none is missing.
 */
export function applyQueryChanges(slots: Slots, changes: QueryChangesResponse): (string | undefined)[] | undefined {
  const removed = new Set(changes.removed);
  const next = slots.filter((id) => id === undefined || !removed.has(id));
  for (const { id, index } of [...changes.added].sort((a, b) => a.index - b.index)) {
    if (index > next.length) return undefined;
    next.splice(index, 0, id);
  }
  return changes.total === undefined || next.length === changes.total ? next : undefined;
}
