import type { MailDatabase } from '../database/database.js';
import type { AccountView } from './account-view.js';
import type { Entry } from './log-entry.js';

/** Entries that are read to say what changed; who was away for longer begins anew (store design section 5). */
const maxEntriesRead = 20_000;
const entriesPerRead = 1_000;

/**
 * The entries above `since`, up to what the view knew when this began, in order and without a gap, in batches: from the log what
 * is folded already, then the tail. A batch `undefined` ends it when the log does not reach back so far.
 */
export async function* entriesAbove(
  database: MailDatabase,
  view: AccountView,
  since: number,
): AsyncGenerator<readonly Entry[] | undefined> {
  const { root, state, tail } = view;
  if (since >= state.n) return;
  if (state.n - since > maxEntriesRead) {
    yield undefined;
    return;
  }
  let expected = since + 1;
  while (expected <= root.n) {
    const entries = (await database.changes.between(
      view.account,
      expected - 1,
      root.n,
      entriesPerRead,
    )) as readonly Entry[];
    if (entries.length === 0 || !inRow(entries, expected)) {
      yield undefined;
      return;
    }
    yield entries;
    expected += entries.length;
  }
  // All that was known is folded: nothing is left above the root.
  if (expected > state.n) return;
  const rest = tail.filter((entry) => entry.n >= expected && entry.n <= state.n);
  yield inRow(rest, expected) && rest.at(-1)?.n === state.n ? rest : undefined;
}

function inRow(entries: readonly Entry[], first: number): boolean {
  return entries.every((entry, i) => entry.n === first + i);
}
