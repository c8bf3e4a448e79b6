/**
 * What SEARCH answers and what it keeps, from the messages found: SEARCH of RFC 3501 7.2.5, ESEARCH of RFC 9051 7.3.4 (RFC 4731),
 * MODSEQ of RFC 7162 3.1.5, SAVE of RFC 9051 6.4.4.1 (RFC 5182).
 */
import type { SearchCommand, SearchReturn } from '../codec/imap/search.js';
import { esearchLine, searchLine } from '../codec/imap/search-response.js';
import type { MailboxView } from '../mailstore/mailbox.js';
import { uidsAt } from './message-set.js';

export interface SearchResult {
  /** undefined: nothing is said but OK. */
  readonly response: Buffer | undefined;
  /** UIDs for `$`; undefined: `$` stays what it was. */
  readonly saved: Uint32Array | undefined;
}

const allOnly: SearchReturn = { min: false, max: false, all: true, count: false, save: false };

/** `indexes`: ascending, of the view. `esearchAlways`: IMAP4rev2 is enabled, where SEARCH without RETURN means RETURN (ALL). */
export function searchResult(
  tag: string,
  command: SearchCommand,
  view: MailboxView,
  indexes: Uint32Array,
  esearchAlways: boolean,
): SearchResult {
  const numbers = command.uid ? uidsAt(view, indexes) : indexes.map((index) => index + 1);
  if (command.return === undefined && !esearchAlways) {
    // RFC 7162 3.1.5: nothing found, no MODSEQ.
    const modseq = command.usesModseq && indexes.length > 0 ? highestModseq(view, indexes) : undefined;
    return { response: searchLine(numbers, modseq), saved: undefined };
  }
  const options = command.return ?? allOnly;
  const relevant = relevantIndexes(options, indexes);
  return {
    response: hasAnswer(options) ? esearch(tag, command, options, view, numbers, relevant) : undefined,
    saved: options.save ? uidsAt(view, relevant) : undefined,
  };
}

/** RFC 5182 2.1: RETURN (SAVE) alone is answered by OK only. */
const hasAnswer = ({ min, max, all, count }: SearchReturn): boolean => min || max || all || count;

/**
 * The messages that the answer names, which are those that SAVE keeps (RFC 9051 6.4.4.1, table 4) and those whose MODSEQ
 * counts (RFC 4731 3.2): all, unless only MIN or MAX were asked for.
 */
function relevantIndexes({ min, max, all, count }: SearchReturn, indexes: Uint32Array): Uint32Array {
  if (all || count || (!min && !max) || indexes.length === 0) return indexes;
  const first = indexes[0]!;
  const last = indexes[indexes.length - 1]!;
  if (!max) return Uint32Array.of(first);
  if (!min || first === last) return Uint32Array.of(last);
  return Uint32Array.of(first, last);
}

function esearch(
  tag: string,
  command: SearchCommand,
  options: SearchReturn,
  view: MailboxView,
  numbers: Uint32Array,
  relevant: Uint32Array,
): Buffer {
  const found = numbers.length > 0;
  return esearchLine(tag, {
    uid: command.uid,
    // RFC 9051 7.3.4: with nothing found MIN, MAX and ALL are left out, COUNT is 0.
    min: options.min && found ? numbers[0] : undefined,
    max: options.max && found ? numbers[numbers.length - 1] : undefined,
    all: options.all && found ? numbers : undefined,
    count: options.count ? numbers.length : undefined,
    modseq: command.usesModseq && found ? highestModseq(view, relevant) : undefined,
  });
}

function highestModseq(view: MailboxView, indexes: Uint32Array): number {
  let highest = 0;
  for (const index of indexes) if (view.modseq[index]! > highest) highest = view.modseq[index]!;
  return highest;
}
