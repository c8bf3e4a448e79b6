/**
 * The way a message took, from its Received fields (RFC 5321 4.4): which machine had it when, and how long each kept it. What
 * stands below the first foreign field is as true as its sender. Linear, and never throws.
 */
export interface Hop {
  /** Who wrote the field; empty when it does not say. */
  readonly by: string;
  readonly from: string;
  readonly at: Date | undefined;
  /** Since the hop before; undefined when either does not say. Clocks differ: it may be below zero. */
  readonly delayMs: number | undefined;
}

const mostHops = 30;
const maxField = 2_000;

/** `fields` as they stand, newest first; the hops come oldest first. */
export function hopsOf(fields: readonly string[]): Hop[] {
  const hops: Hop[] = [];
  for (const field of fields.slice(0, mostHops).toReversed()) {
    const text = field.slice(0, maxField).replace(/\s+/g, ' ');
    const semicolon = text.lastIndexOf(';');
    const at = semicolon < 0 ? undefined : dateOf(text.slice(semicolon + 1));
    const clauses = semicolon < 0 ? text : text.slice(0, semicolon);
    const before = hops.at(-1)?.at;
    const delayMs = at === undefined || before === undefined ? undefined : at.getTime() - before.getTime();
    hops.push({ by: wordAfter(clauses, 'by'), from: wordAfter(clauses, 'from'), at, delayMs });
  }
  return hops;
}

function wordAfter(text: string, clause: string): string {
  const words = text.split(' ', 200);
  const at = words.indexOf(clause);
  return at < 0 ? '' : (words[at + 1] ?? '').slice(0, 255);
}

function dateOf(text: string): Date | undefined {
  // RFC 5322 3.3: a comment with the name of the zone may follow.
  const comment = text.indexOf('(');
  const ms = Date.parse((comment < 0 ? text : text.slice(0, comment)).trim());
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
