import { createAddressMatcher } from '../../codec/mime/address-search.js';
import { parseDate } from '../../codec/mime/dates.js';
import { createFieldMatcher, type FieldMatcher } from '../../codec/mime/field-search.js';
import { foldText } from '../../codec/mime/fold.js';
import { fieldValue, toBinaryString, visitFields } from '../../codec/mime/header-fields.js';
import { listedHeaderFields } from '../../codec/mime/listed-headers.js';
import type { SearchQuery } from '../search-query.js';
import { isOnDay } from './days.js';
import { readHeaderBlock } from './header-block.js';
import { IndexSet } from './index-set.js';
import type { SearchSource } from './search-source.js';

type HeaderQuery = Extract<SearchQuery, { kind: 'header' }>;
type SentQuery = Extract<SearchQuery, { kind: 'internalDate' | 'sentDate' }>;

/**
 * Questions about one header field: answered from the cards when cards keep that field, else from the header of the
 * message itself. Field values are compared decoded and folded (RFC 9051 6.4.4, HEADER).
 */
export async function matchHeaders(
  source: SearchSource,
  query: HeaderQuery | SentQuery,
  candidates: IndexSet,
  signal: AbortSignal | undefined,
): Promise<IndexSet> {
  const left = candidates.clone();
  let field = 'date';
  let matches: FieldMatcher;
  if (query.kind === 'header') {
    field = query.field.toLowerCase();
    matches = (query.whole === true ? createAddressMatcher : createFieldMatcher)(field, query.value);
    await source.exclude(foldText(query.value), left);
  } else matches = sentMatcher(query);
  const found = IndexSet.empty(candidates.size);
  const indexes = left.toArray();
  if (listedHeaderFields.has(field)) {
    for await (const batch of source.cards(indexes)) {
      signal?.throwIfAborted();
      for (const card of batch) if (matches(card.headers)) found.add(indexes[card.index]!);
    }
  } else {
    for await (const message of source.contents(indexes)) {
      signal?.throwIfAborted();
      if (matches(await readHeaderBlock(message))) found.add(indexes[message.index]!);
    }
  }
  return found;
}

/** The day as written, in the zone it was written in; a message without a date that makes sense matches nothing. */
function sentMatcher(query: SentQuery): FieldMatcher {
  return (octets) => {
    const block = toBinaryString(octets);
    let found = false;
    visitFields(block, (name, _start, valueStart, end) => {
      if (found || name !== 'date') return;
      const sent = parseDate(fieldValue(block, valueStart, end));
      found = sent !== undefined && isOnDay(Math.floor((sent.seconds + sent.zoneMinutes * 60) / 86_400), query);
    });
    return found;
  };
}
