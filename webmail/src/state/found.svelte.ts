/**
 * Why the rows of a search are there: the words that are marked in them and in the messages opened from them, and for rows whose
 * own words do not hold them the passage that does (RFC 8621 section 5). Asked for the rows that are seen, many at a time.
 */
import { parseSearch } from '@vaguemestre/shared/search-grammar';
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { EmailFilter } from '../jmap/store/email-filter.js';
import { wordsIn } from '../model/search-terms.js';
import { list } from './list.svelte.js';
import { mail } from './mail.svelte.js';
import { route } from './route.svelte.js';

export interface Passage {
  readonly text: string;
  readonly hit: boolean;
}

const restMs = 60;
const mostAtOnce = 50;
const mostKept = 1_000;
/** Letters before the first hit. */
const mostLead = 24;

const words = $derived(
  route.place.view.kind === 'search' ? wordsIn(parseSearch(route.place.view.text).map((one) => one.term)) : [],
);
const passages = new SvelteMap<string, readonly Passage[]>();
let filterOfPassages: EmailFilter | undefined;
const asked = new Set<string>();
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

export const found = {
  /** None outside of a search. */
  get words(): readonly string[] {
    return words;
  },
  /** Watched; undefined while it is not there, or when the message has none. */
  passage: (id: string): readonly Passage[] | undefined => (words.length === 0 ? undefined : passages.get(id)),
  /** A row of the search is seen. */
  want(id: string): void {
    const filter = untrack(() => list.query?.spec.filter) ?? undefined;
    if (words.length === 0 || filter === undefined) return;
    if (filter !== filterOfPassages || asked.size > mostKept) {
      filterOfPassages = filter;
      asked.clear();
      passages.clear();
      waiting = [];
    }
    if (asked.has(id)) return;
    asked.add(id);
    waiting.push(id);
    if (timer === undefined) timer = setTimeout(() => void ask(), restMs);
  },
};

async function ask(): Promise<void> {
  timer = undefined;
  const filter = filterOfPassages;
  const emailIds = waiting.splice(0, mostAtOnce);
  if (waiting.length > 0) timer = setTimeout(() => void ask(), restMs);
  if (filter === undefined || emailIds.length === 0) return;
  try {
    const answer = await mail.store.client.call('SearchSnippet/get', { filter, emailIds }).result;
    if (filter !== filterOfPassages) return;
    for (const { emailId, preview } of answer.list) if (preview !== null) passages.set(emailId, passageOf(preview));
  } catch {
    // The rows are there all the same.
  }
}

/** RFC 8621 5: text in which only `mark` is an element, and three characters are written as entities. Never parsed as HTML. */
function passageOf(snippet: string): readonly Passage[] {
  return snippet.split('<mark>').flatMap((piece, index) => {
    const [inside, ...after] = piece.split('</mark>');
    if (index === 0) return [{ text: lead(plain(piece)), hit: false }];
    return [
      { text: plain(inside ?? ''), hit: true },
      { text: plain(after.join('')), hit: false },
    ];
  });
}

/** A row is short: the hit stands in its first words. */
function lead(before: string): string {
  if (before.length <= mostLead) return before;
  const end = before.slice(-mostLead);
  return `\u2026${end.slice(end.indexOf(' ') + 1)}`;
}

const plain = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
