/**
 * From the tree that the codec read to the question the mailstore answers: sets are resolved against the session's view (and
 * `$` against its saved result), ids are looked up in the view.
 */
import type { SearchKey } from '../codec/imap/search.js';
import { rangesOf, resolveSequences, resolveUids } from '../codec/imap/sequence-set.js';
import type { MailboxView } from '../mailstore/mailbox.js';
import type { SearchQuery } from '../mailstore/search-query.js';
import { lastUid } from './message-set.js';

/** What a key is read against. `saved`: UIDs, ascending (RFC 9051 6.4.4.1). */
export interface SearchContext {
  readonly view: MailboxView;
  readonly saved: Uint32Array;
}

const nothing: SearchQuery = { kind: 'not', of: { kind: 'all' } };

/** Columns that `searchQuery` needs of the view: to be loaded before. */
export function columnsOf(key: SearchKey): readonly ('id' | 'thread')[] {
  switch (key.kind) {
    case 'and':
    case 'or':
      return key.of.flatMap(columnsOf);
    case 'not':
      return columnsOf(key.of);
    case 'emailId':
      return ['id'];
    case 'threadId':
      return ['thread'];
    default:
      return [];
  }
}

export function searchQuery(key: SearchKey, context: SearchContext): SearchQuery {
  const { view, saved } = context;
  switch (key.kind) {
    case 'none':
      return nothing;
    case 'and':
    case 'or':
      return { kind: key.kind, of: key.of.map((part) => searchQuery(part, context)) };
    case 'not':
      return { kind: 'not', of: searchQuery(key.of, context) };
    case 'sequence':
    case 'uid':
      if (key.set.kind === 'saved') return { kind: 'uid', ranges: rangesOf(saved) };
      return key.kind === 'uid'
        ? { kind: 'uid', ranges: resolveUids(key.set.ranges, lastUid(view)) }
        : // Numbers past the last message match nothing; only where a message is to be *acted on* are they an error.
          { kind: 'sequence', ranges: resolveSequences(key.set.ranges, view.count) };
    // RFC 8474 7: the mailstore's query knows no ids; they are columns of the view.
    case 'emailId':
      return sequencesWhere(view, (index) => view.idAt(index) === key.id);
    case 'threadId':
      return sequencesWhere(view, (index) => view.threadAt(index) === key.id);
    default:
      return key;
  }
}

function sequencesWhere(view: MailboxView, holds: (index: number) => boolean): SearchQuery {
  const sequences: number[] = [];
  for (let index = 0; index < view.count; index++) if (holds(index)) sequences.push(index + 1);
  return { kind: 'sequence', ranges: rangesOf(sequences) };
}
