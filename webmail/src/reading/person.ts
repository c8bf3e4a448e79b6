/**
 * How somebody in a header field is shown: the name without characters that deceive the eye, and whether the name itself is
 * meant to (RFC 5322 3.4 lets anybody write any name, also an address that is not his).
 */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';

export interface Person {
  /** Never empty: the address when there is no name. */
  readonly name: string;
  readonly address: string;
  /** The name pretends to be another address. */
  readonly claims: string | undefined;
}

const maxName = 120;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const unwanted = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text of a header field on one line, without controls of any kind, not longer than anybody reads. */
export function headerText(text: string, longest = maxName): string {
  const clean = text
    .slice(0, 4 * longest)
    .replace(unwanted, '')
    .trim();
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}

export function personOf(from: EmailAddress): Person {
  const address = headerText(from.email, 320);
  const name = headerText(from.name ?? '')
    .replace(/^["']+|["']+$/g, '')
    .trim();
  const inName = /[^\s<>"',;()]{1,64}@[^\s<>"',;()]{1,255}/.exec(name)?.[0];
  const claims = inName !== undefined && inName.toLowerCase() !== address.toLowerCase() ? inName : undefined;
  return { name: name === '' ? address : name, address, claims };
}
