/**
 * Addresses made to be taken for somebody else's: the same after folding letters that look alike, or one slip of a key away
 * from an address or a domain that the writer knows. A warning, never a refusal.
 */
import type { EmailAddress } from './jmap/email.js';

/** What a hurried eye does not tell apart. Longer sequences first. */
const folds: readonly (readonly [string, string])[] = [
  ['rn', 'm'],
  ['vv', 'w'],
  ['cl', 'd'],
  ['0', 'o'],
  ['1', 'l'],
  ['i', 'l'],
  ['5', 's'],
];

/** The known address that `email` could be taken for; undefined when it is known itself or like nobody's. */
export function lookAlike(
  email: string,
  known: readonly EmailAddress[],
  trustedDomains: readonly string[],
): EmailAddress | undefined {
  const [local, domain] = parts(email);
  if (domain === '') return undefined;
  if (known.some((one) => one.email.toLowerCase() === email.trim().toLowerCase())) return undefined;
  if (trustedDomains.includes(domain)) return undefined;
  const folded = fold(domain);
  for (const one of known) {
    const [itsLocal, itsDomain] = parts(one.email);
    if (itsDomain === domain || itsDomain === '') continue;
    const domainIsLike = fold(itsDomain) === folded || oneSlip(itsDomain, domain);
    if (domainIsLike && (itsLocal === local || fold(itsLocal) === fold(local))) return one;
  }
  const trusted = trustedDomains.find((one) => fold(one) === folded || oneSlip(one, domain));
  return trusted === undefined ? undefined : { name: null, email: trusted };
}

function parts(email: string): readonly [string, string] {
  const at = email.lastIndexOf('@');
  return [
    email.slice(0, Math.max(at, 0)).trim().toLowerCase(),
    at < 0
      ? ''
      : email
          .slice(at + 1)
          .trim()
          .toLowerCase(),
  ];
}

function fold(text: string): string {
  let out = text.normalize('NFKD').replace(/\p{M}/gu, '');
  for (const [from, to] of folds) out = out.replaceAll(from, to);
  return out;
}

/** One letter too many, missing, other, or two neighbours swapped. Short names are too near to each other to say anything. */
export function oneSlip(a: string, b: string): boolean {
  if (a === b || Math.min(a.length, b.length) < 5 || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
