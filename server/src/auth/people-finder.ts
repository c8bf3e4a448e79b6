/**
 * Finds people of the laboratory by what somebody types into an address field: every word typed must begin a word of the name or
 * of an address, whatever their order, case and accents. From a list that is a minute old at most and asked for once, whoever types.
 */
import type { Accounts, PersonDocument } from '../database/accounts.js';
import type { Clock } from '../kernel/clock.js';

export interface FoundPerson {
  readonly name: string;
  readonly address: string;
}

export interface PeopleFinder {
  /** By name. All of them for an empty text. */
  find(text: string, limit: number): Promise<readonly FoundPerson[]>;
}

const keepMs = 60_000;

interface Entry extends FoundPerson {
  readonly texts: Searchable;
}

export function createPeopleFinder(accounts: Pick<Accounts, 'list'>, clock: Clock): PeopleFinder {
  let until = Number.NEGATIVE_INFINITY;
  let entries: Promise<readonly Entry[]> | undefined;

  function current(): Promise<readonly Entry[]> {
    if (entries !== undefined && clock.monotonicMs() < until) return entries;
    until = clock.monotonicMs() + keepMs;
    const loading = accounts.list().then((people) => {
      const today = new Date(clock.nowMs());
      return people
        .filter((person) => isListed(person, today))
        .map(entryOf)
        .sort((x, y) => x.name.localeCompare(y.name));
    });
    entries = loading;
    loading.catch(() => {
      if (entries === loading) entries = undefined;
    });
    return loading;
  }

  return {
    async find(text, limit) {
      const matches = matcher(text);
      const found: FoundPerson[] = [];
      for (const { name, address, texts } of await current()) {
        if (found.length >= limit) break;
        if (matches(texts)) found.push({ name, address });
      }
      return found;
    },
  };
}

/** Nobody writes to an account of a program, nor to somebody who has left. */
function isListed(person: PersonDocument, today: Date): boolean {
  if (person.role === 'service' || person.disabled || person.removing !== undefined) return false;
  return person.expires === undefined || person.expires >= today;
}

function entryOf({ name, address, addresses }: PersonDocument): Entry {
  return { name, address, texts: searchable(name, addresses) };
}

/** What of a person is compared with what is typed. */
export interface Searchable {
  readonly words: readonly string[];
  /** Lower case. */
  readonly addresses: readonly string[];
}

export function searchable(name: string, addresses: readonly string[]): Searchable {
  // Not the domain: everybody has the same.
  const locals = addresses.flatMap((address) => wordsOf(address.slice(0, address.lastIndexOf('@'))));
  return { words: [...wordsOf(name), ...locals], addresses: addresses.map((address) => address.toLowerCase()) };
}

/** Each word typed begins a word, or the whole text begins an address. */
export function matcher(typed: string): (of: Searchable) => boolean {
  const text = typed.trim().toLowerCase();
  const words = wordsOf(typed);
  // `@` alone, or what is no word at all, finds nobody; nothing typed finds everybody.
  const none = words.length === 0 && text !== '';
  return (of) =>
    of.addresses.some((address) => text !== '' && address.startsWith(text)) ||
    (!none && !text.includes('@') && words.every((part) => of.words.some((word) => word.startsWith(part))));
}

const longestTyped = 200;

/** Lower case, without accents, cut at everything that is neither letter nor digit. */
function wordsOf(text: string): readonly string[] {
  const plain = text.slice(0, longestTyped).normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const expanded = plain.replaceAll('œ', 'oe').replaceAll('æ', 'ae').replaceAll('ß', 'ss');
  return expanded.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
