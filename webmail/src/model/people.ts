/** Names of people as a list shows them. What a stranger wrote as his name is text, cut to a length, and never more. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';

const longestName = 120;
/** Marks that turn the direction of text: in a name they only serve to show another address than there is. */
const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function nameOf(address: EmailAddress): string {
  const name = (address.name ?? '').replace(directionMarks, '').trim().slice(0, longestName);
  return name === '' ? (address.email.split('@')[0] ?? '') : name;
}

/** `Anna Weber, Hugo Lemarchand`; `Anna, Hugo, Inès` from three on. Each person once, the last to speak last. */
export function namesOf(addresses: readonly EmailAddress[], isMe: (email: string) => boolean, me: string): string {
  const people = new Map<string, string>();
  for (const one of addresses) {
    const key = one.email.toLowerCase();
    people.delete(key);
    people.set(key, isMe(key) ? me : nameOf(one));
  }
  const names = [...people.values()];
  return names.length > 2 ? names.map(firstName).join(', ') : names.join(', ');
}

function firstName(name: string): string {
  const [first = name] = name.split(' ');
  return first.replace(/,$/, '');
}

export function initialsOf(name: string): string {
  const words = name.split(/[\s.,'’_-]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0]?.[Symbol.iterator]().next().value ?? '?';
  const last = words.length > 1 ? (words.at(-1)?.[Symbol.iterator]().next().value ?? '') : '';
  return (first + last).toUpperCase();
}

/** One of the six label colours, always the same for one address. */
export function hueOf(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (hash * 31 + text.charCodeAt(index)) | 0;
  return (Math.abs(hash) % 6) + 1;
}
