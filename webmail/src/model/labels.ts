/**
 * Labels are IMAP keywords that are not marks of a program: every keyword without a leading `$` or `\`, and the five that
 * Thunderbird has always had. A keyword is an atom in lower case; the name the reader sees may be anything.
 */
import { hueOf } from './people.js';

export interface Label {
  readonly keyword: string;
  readonly name: string;
  /** 1 to 6. */
  readonly hue: number;
  /** Not in the side bar. */
  readonly hidden?: boolean;
}

const programMarks = new Set(['junk', 'nonjunk', 'notjunk', 'forwarded', 'mdnsent', 'redirected', 'unwanted']);

/** Thunderbird's own five, and the hues nearest to its colours. */
const programLabels: ReadonlyMap<string, number> = new Map([
  ['$label1', 3],
  ['$label2', 6],
  ['$label3', 2],
  ['$label4', 4],
  ['$label5', 1],
]);

export function isLabel(keyword: string): boolean {
  if (programLabels.has(keyword)) return true;
  return !keyword.startsWith('$') && !keyword.startsWith('\\') && !programMarks.has(keyword.toLowerCase());
}

/** `usual`: names of keywords that say nothing to a reader. */
export function labelOf(keyword: string, known: readonly Label[], usual: Readonly<Record<string, string>> = {}): Label {
  const found = known.find((one) => one.keyword === keyword);
  return (
    found ?? {
      keyword,
      name: usual[keyword.replace('$', '')] ?? nameOfKeyword(keyword),
      hue: programLabels.get(keyword) ?? hueOf(keyword),
    }
  );
}

function nameOfKeyword(keyword: string): string {
  const words = keyword.replaceAll('_', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** RFC 8621 4.1.1: printable ASCII but `( ) { ] % * " \`, in lower case; what cannot be written is left out. */
export function keywordOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\s+/g, '_')
    .replace(/[^a-z0-9_.+-]/g, '')
    .slice(0, 60);
}
