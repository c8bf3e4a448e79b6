/**
 * What the laboratory knows about whoever a message says it is from, for the warnings of the reading pane: nothing is stored
 * for it, and nothing here looks at the message.
 */
import { lookAlike } from '@vaguemestre/shared/look-alike';
import type { SenderFacts } from '@vaguemestre/shared/sender-facts';
import type { FoundPerson } from '../../auth/people-finder.js';

export interface KnownPeople {
  /** Of the laboratory. */
  readonly people: readonly FoundPerson[];
  /** Whom the reader wrote to. */
  readonly written: readonly FoundPerson[];
  readonly domain: string;
}

export function judgeSender({ people, written, domain }: KnownPeople, address: string, name: string): SenderFacts {
  const key = address.toLowerCase();
  const has = (list: readonly FoundPerson[]): boolean => list.some((one) => one.address.toLowerCase() === key);
  const inside = key.endsWith(`@${domain}`) || has(people);
  const writtenTo = has(written);
  if (inside || writtenTo) return { inside, writtenTo, like: null, namesake: null };
  const known = [...people, ...written].map((one) => ({ name: one.name, email: one.address }));
  const like = lookAlike(address, known, [domain]);
  const namesake = people.find((one) => isSameName(one.name, name));
  return {
    inside,
    writtenTo,
    like: like === undefined ? null : { name: like.name ?? '', address: like.email },
    namesake: namesake === undefined ? null : { name: namesake.name, address: namesake.address },
  };
}

/** Whatever the order, case and accents; a single word is nobody's name alone. */
function isSameName(one: string, other: string): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  return a.length > 1 && a.length === b.length && a.every((word, at) => word === b[at]);
}

const longestName = 200;

function wordsOf(name: string): readonly string[] {
  const plain = name.slice(0, longestName).normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .sort();
}
