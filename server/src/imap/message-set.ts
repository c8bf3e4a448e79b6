/**
 * From a set as the client wrote it to messages of the session's view: ascending indexes (index + 1 is the sequence number).
 * The view stands still during a command, so they stay valid through it.
 */
import { type Ranges, requireSequences, resolveUids, type SequenceSet } from '../codec/imap/sequence-set.js';
import type { MailboxView } from '../mailstore/mailbox.js';
import type { SelectedMailbox } from './session-state.js';

/**
 * RFC 9051 9 `seq-number`: a sequence number that is not there is an error (ImapSyntaxError); 6.4.9: a UID that is not there
 * is ignored. `$` names what is left of the saved result (RFC 9051 6.4.4.1).
 */
export function indexesOf(mailbox: SelectedMailbox, set: SequenceSet, uid: boolean): Uint32Array {
  const { view } = mailbox.cursor;
  if (set.kind === 'saved') return indexesOfUids(view, mailbox.savedResult);
  if (uid) return indexesOfUidRanges(view, resolveUids(set.ranges, lastUid(view)));
  return fromRanges(
    requireSequences(set.ranges, view.count),
    (low) => low - 1,
    (high) => high,
  );
}

export function indexesOfUidRanges(view: MailboxView, ranges: Ranges): Uint32Array {
  return fromRanges(
    ranges,
    (low) => view.lowerBound(low),
    (high) => (high >= lastUid(view) ? view.count : view.lowerBound(high + 1)),
  );
}

export const lastUid = (view: MailboxView): number => (view.count === 0 ? 0 : view.uid[view.count - 1]!);

function fromRanges(ranges: Ranges, startOf: (low: number) => number, endOf: (high: number) => number): Uint32Array {
  const spans: number[] = [];
  let total = 0;
  for (const [low, high] of ranges) {
    const start = startOf(low);
    const end = endOf(high);
    if (end <= start) continue;
    spans.push(start, end);
    total += end - start;
  }
  const indexes = new Uint32Array(total);
  let at = 0;
  for (let i = 0; i < spans.length; i += 2) {
    for (let index = spans[i]!; index < spans[i + 1]!; index++) indexes[at++] = index;
  }
  return indexes;
}

/** Those of `uids` (ascending) that the view still has. */
export function indexesOfUids(view: MailboxView, uids: Uint32Array): Uint32Array {
  const indexes = new Uint32Array(uids.length);
  let count = 0;
  for (let i = 0; i < uids.length; i++) {
    const index = view.indexOf(uids[i]!);
    if (index >= 0) indexes[count++] = index;
  }
  return count === uids.length ? indexes : indexes.subarray(0, count);
}

export function uidsAt(view: MailboxView, indexes: Uint32Array): Uint32Array {
  const uids = new Uint32Array(indexes.length);
  for (let i = 0; i < indexes.length; i++) uids[i] = view.uid[indexes[i]!]!;
  return uids;
}
