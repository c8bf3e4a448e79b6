/** Labels the reader has named, and those found on messages seen so far. Kept in this browser. */

import { isLabel, keywordOf, type Label, labelOf } from '../model/labels.js';
import { hueOf } from '../model/people.js';

const storageKey = 'vaguemestre.labels';

function read(): Label[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one): one is Label => typeof one?.keyword === 'string') : [];
  } catch {
    return [];
  }
}

let known = $state.raw<readonly Label[]>(read());

function write(next: readonly Label[]): void {
  known = next;
  try {
    localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // It lasts as long as the page.
  }
}

export const labels = {
  get all(): readonly Label[] {
    return known;
  },
  of: (keyword: string): Label => labelOf(keyword, known),
  on: (keywords: Readonly<Record<string, true>>): readonly Label[] =>
    Object.keys(keywords)
      .filter(isLabel)
      .map((keyword) => labelOf(keyword, known)),
  /** Labels on messages just seen join the side bar. */
  meet(keywords: Iterable<string>): void {
    const news = [...new Set(keywords)].filter((one) => isLabel(one) && !known.some((label) => label.keyword === one));
    if (news.length > 0) write([...known, ...news.map((keyword) => labelOf(keyword, known))]);
  },
  /** undefined when the name holds nothing a keyword may hold. */
  create(name: string): Label | undefined {
    const keyword = keywordOf(name);
    if (keyword === '' || !isLabel(keyword)) return undefined;
    const label = known.find((one) => one.keyword === keyword) ?? { keyword, name: name.trim(), hue: hueOf(keyword) };
    if (!known.includes(label)) write([...known, label]);
    return label;
  },
};
