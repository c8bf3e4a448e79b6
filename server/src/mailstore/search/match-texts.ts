import { foldText } from '../../codec/mime/fold.js';
import { createTextSearch, type TextNeedle, textMatches } from '../../codec/mime/text-search.js';
import type { MessageOctets } from '../content.js';
import type { SearchQuery } from '../search-query.js';
import { IndexSet } from './index-set.js';
import type { SearchSource } from './search-source.js';

type TextQuery = Extract<SearchQuery, { kind: 'body' | 'text' | 'shown' }>;

/**
 * BODY, TEXT and what people see: what the signatures do not exclude is read, decoded and looked through, so the answer is exact. A message is
 * never in memory whole; decoding ends at the first hit. An empty needle is in every message.
 */
export async function matchTexts(
  source: SearchSource,
  query: TextQuery,
  candidates: IndexSet,
  signal: AbortSignal | undefined,
): Promise<IndexSet> {
  const needle = foldText(query.value);
  if (needle.length === 0) return candidates;
  const left = candidates.clone();
  await source.exclude(needle, left);
  const found = IndexSet.empty(candidates.size);
  const indexes = left.toArray();
  for await (const message of source.contents(indexes)) {
    signal?.throwIfAborted();
    if (await holds(message, { text: query.value, scope: query.kind })) found.add(indexes[message.index]!);
  }
  return found;
}

async function holds(message: MessageOctets, needle: TextNeedle): Promise<boolean> {
  // What a delivery put before the content is looked through for itself, as it was signed for itself.
  if (needle.scope === 'text' && message.prefix.length > 0 && textMatches(message.prefix, needle)) return true;
  const search = createTextSearch([needle]);
  search.push(message.first);
  if (!search.done && message.prefix.length + message.first.length < message.size) {
    for await (const piece of message.rest()) {
      search.push(piece);
      if (search.done) break;
    }
  }
  return search.done || search.end()[0]!;
}
