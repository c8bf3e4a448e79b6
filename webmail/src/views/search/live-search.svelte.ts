/**
 * Results while one types: first what the page holds already, at once; then the server's, after a short rest, the question
 * before given up. Nothing is shown that answers an older question.
 */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import { suggestPeople } from '../../compose/suggest-people.js';
import { isAbort } from '../../jmap/failure.js';
import { type EmailFilter, fold, matches } from '../../jmap/store/email-filter.js';
import { type EmailRow, rowProperties } from '../../jmap/store/email-row.js';
import { nameOf } from '../../model/people.js';
import { searchIn } from '../../state/list.svelte.js';
import { mail } from '../../state/mail.svelte.js';

const restMs = 80;
const mostRows = 6;
const mostPeople = 4;

let rows = $state.raw<readonly EmailRow[]>([]);
let people = $state.raw<readonly EmailAddress[]>([]);
let total = $state<number>();
let asked: AbortController | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

export const liveSearch = {
  get rows(): readonly EmailRow[] {
    return rows;
  },
  get people(): readonly EmailAddress[] {
    return people;
  },
  /** undefined while only what is here has been looked through. */
  get total(): number | undefined {
    return total;
  },
  look(text: string, word: string): void {
    asked?.abort();
    clearTimeout(timer);
    total = undefined;
    people = word === '' ? [] : peopleNamed(word);
    const abort = new AbortController();
    asked = abort;
    if (text === '') {
      rows = [];
      return;
    }
    const filter = searchIn(text);
    rows = mail.store.emails
      .all()
      .filter((row) => matches(row, filter) === true)
      .sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1))
      .slice(0, mostRows);
    timer = setTimeout(() => {
      void askServer(filter, abort.signal);
      if (word.length > 1) void askDirectory(word, abort.signal);
    }, restMs);
  },
  stop(): void {
    asked?.abort();
    clearTimeout(timer);
  },
};

async function askServer(filter: EmailFilter, signal: AbortSignal): Promise<void> {
  const { client } = mail.store;
  try {
    const query = client.call(
      'Email/query',
      {
        filter,
        sort: [{ property: 'receivedAt', isAscending: false }],
        limit: mostRows,
        collapseThreads: true,
      },
      { signal },
    );
    const got = client.call('Email/get', { '#ids': query.ref('/ids'), properties: rowProperties }, { signal });
    const [answer, list] = await Promise.all([query.result, got.result]);
    if (signal.aborted) return;
    const found = new Map((list.list as readonly EmailRow[]).map((row) => [row.id, row]));
    rows = answer.ids.map((id) => found.get(id)).filter((row) => row !== undefined);
    // The newest are found at once; how many there are may take reading all mail.
    const counting = { filter, limit: 0, calculateTotal: true, collapseThreads: true };
    const counted = await client.call('Email/query', counting, { signal }).result;
    if (!signal.aborted) total = counted.total;
  } catch (error) {
    if (!isAbort(error)) total = undefined; // what is here stays shown
  }
}

/** Colleagues and people written to before, behind those of the messages at hand. */
async function askDirectory(word: string, signal: AbortSignal): Promise<void> {
  const more = await suggestPeople(word, signal).catch(() => []);
  if (signal.aborted) return;
  const there = new Set(people.map(({ email }) => email.toLowerCase()));
  people = [...people, ...more.filter(({ email }) => !there.has(email.toLowerCase()))].slice(0, mostPeople);
}

/** Of the messages at hand: who has a name or an address that begins so, most frequent first. */
function peopleNamed(word: string): EmailAddress[] {
  const wanted = fold(word);
  const found = new Map<string, { readonly one: EmailAddress; count: number }>();
  for (const row of mail.store.emails.all()) {
    for (const one of row.from ?? []) {
      const key = one.email.toLowerCase();
      const known = found.get(key);
      if (known !== undefined) known.count++;
      else if (isNamed(one, key, wanted)) found.set(key, { one, count: 1 });
    }
  }
  return [...found.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, mostPeople)
    .map(({ one }) => one);
}

function isNamed(one: EmailAddress, address: string, wanted: string): boolean {
  if (address.startsWith(wanted)) return true;
  const name = fold(nameOf(one));
  return name.startsWith(wanted) || name.split(/[\s-]/).some((part) => part.startsWith(wanted));
}
