/**
 * Search over one version of a mailbox: exact answers, cheapest questions first. A conjunction asks its cheapest member
 * first and every further one only of what is left; a disjunction asks every further member only of what is not yet found.
 * Columns are scanned as typed arrays; header fields are looked for in cards; BODY and TEXT in the decoded content of what
 * the signatures do not exclude (store design section 7). Linear in the messages looked at; yields to the loop with the
 * reads it waits for. RFC 9051 6.4.4, RFC 5032.
 */
import type { MailboxView, SearchRows } from '../mailbox.js';
import type { SearchQuery } from '../search-query.js';
import { isOnDay } from './days.js';
import { flagged } from './flag-columns.js';
import { IndexSet } from './index-set.js';
import { matchHeaders } from './match-headers.js';
import { matchTexts } from './match-texts.js';
import type { SearchSource } from './search-source.js';

const secondsPerDay = 86_400;

export async function evaluate(
  source: SearchSource,
  query: SearchQuery,
  signal?: AbortSignal,
  among = IndexSet.full(source.view.count),
): Promise<Uint32Array> {
  return (await matching(source, query, among, signal)).toArray();
}

/** Questions about the place in a mailbox are asked of mailboxes only. */
function placed(view: SearchRows): Pick<MailboxView, 'modseq' | 'lowerBound'> {
  const { modseq, lowerBound } = view;
  if (modseq === undefined || lowerBound === undefined) throw new TypeError('these messages are in no one mailbox');
  return { modseq, lowerBound: (uid) => lowerBound.call(view, uid) };
}

/** What a question costs a message: 0 columns in memory, 1 lazy columns, 2 cards, 3 content. */
function costOf(query: SearchQuery): number {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.of.reduce((cost, member) => Math.max(cost, costOf(member)), 0);
    case 'not':
      return costOf(query.of);
    case 'rows':
      return query.cost;
    case 'larger':
    case 'smaller':
    case 'internalDate':
    case 'older':
    case 'younger':
      return 1;
    case 'header':
    case 'sentDate':
      return 2;
    case 'body':
    case 'text':
    case 'shown':
      return 3;
    default:
      return 0;
  }
}

const byCost = (members: readonly SearchQuery[]) => [...members].sort((a, b) => costOf(a) - costOf(b));

/** The candidates that match; `candidates` is not changed. */
async function matching(
  source: SearchSource,
  query: SearchQuery,
  candidates: IndexSet,
  signal: AbortSignal | undefined,
): Promise<IndexSet> {
  signal?.throwIfAborted();
  if (candidates.isEmpty) return candidates;
  const { view } = source;
  switch (query.kind) {
    case 'all':
      return candidates;
    case 'and': {
      let left = candidates;
      for (const member of byCost(query.of)) left = await matching(source, member, left, signal);
      return left;
    }
    case 'or': {
      const found = IndexSet.empty(candidates.size);
      const left = candidates.clone();
      for (const member of byCost(query.of)) {
        const some = await matching(source, member, left, signal);
        found.union(some);
        left.subtract(some);
      }
      return found;
    }
    case 'not':
      return candidates.clone().subtract(await matching(source, query.of, candidates, signal));
    case 'flag': {
      const mask = source.maskOf(query.flag);
      const set = mask === undefined ? IndexSet.empty(view.count) : flagged(view, mask, candidates);
      return query.set ? set : candidates.clone().subtract(set);
    }
    case 'sequence': {
      const set = IndexSet.empty(view.count);
      for (const [from, to] of query.ranges) set.addRange(from - 1, to);
      return set.intersect(candidates);
    }
    case 'uid': {
      const set = IndexSet.empty(view.count);
      const box = placed(view);
      for (const [from, to] of query.ranges) set.addRange(box.lowerBound(from), box.lowerBound(to + 1));
      return set.intersect(candidates);
    }
    case 'modseq': {
      const { modseq } = placed(view);
      return filtered(candidates, (index) => modseq[index]! >= query.since);
    }
    case 'rows':
      return query.among(candidates, signal);
    case 'larger':
      await view.load(['size'], signal);
      return filtered(candidates, (index) => view.sizeAt(index) > query.bytes);
    case 'smaller':
      await view.load(['size'], signal);
      return filtered(candidates, (index) => view.sizeAt(index) < query.bytes);
    case 'internalDate':
      await view.load(['date'], signal);
      return filtered(candidates, (index) => isOnDay(Math.floor(view.dateAt(index) / secondsPerDay), query));
    case 'older':
      await view.load(['date'], signal);
      return filtered(candidates, (index) => view.dateAt(index) <= source.now - query.seconds);
    case 'younger':
      await view.load(['date'], signal);
      return filtered(candidates, (index) => view.dateAt(index) > source.now - query.seconds);
    case 'header':
    case 'sentDate':
      return matchHeaders(source, query, candidates, signal);
    case 'body':
    case 'text':
    case 'shown':
      return matchTexts(source, query, candidates, signal);
  }
}

function filtered(candidates: IndexSet, keep: (index: number) => boolean): IndexSet {
  const found = IndexSet.empty(candidates.size);
  for (const index of candidates.toArray()) if (keep(index)) found.add(index);
  return found;
}
