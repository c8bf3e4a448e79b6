/** The search field between text and terms: what is a chip, what is still being typed, what is looked for in a text. */
import { parseSearch, type Term } from '@vaguemestre/shared/search-grammar';

export interface Chip {
  /** As it was typed; what is searched is typed text put together again. */
  readonly source: string;
  readonly term: Term;
}

export interface FieldState {
  readonly chips: readonly Chip[];
  readonly rest: string;
}

const isPlainText = (term: Term): boolean =>
  term.kind === 'text' || (term.kind === 'not' && isPlainText(term.term)) || term.kind === 'any' || term.kind === 'all';

/** Operators that are complete become chips: those followed by a space, or all when nothing is being typed any more. */
export function toChips(state: FieldState, finished: boolean): FieldState {
  const chips = [...state.chips];
  let rest = '';
  let from = 0;
  for (const { term, start, end } of parseSearch(state.rest)) {
    const complete = finished || end < state.rest.length;
    if (isPlainText(term) || !complete) continue;
    rest += state.rest.slice(from, start);
    chips.push({ source: state.rest.slice(start, end), term });
    from = end;
  }
  if (from === 0) return state;
  rest += state.rest.slice(from);
  return { chips, rest: rest.replace(/\s+/g, ' ').trimStart() };
}

export function searchText(state: FieldState): string {
  return [...state.chips.map((chip) => chip.source), state.rest.trim()].filter((part) => part !== '').join(' ');
}

/** The words that a hit shows. */
export function wordsIn(terms: readonly Term[]): readonly string[] {
  return terms.flatMap((term) => {
    if (term.kind === 'text') return [term.text];
    if (term.kind === 'field' && ['from', 'to', 'subject', 'body'].includes(term.field)) return [term.text];
    if (term.kind === 'any' || term.kind === 'all') return wordsIn(term.terms);
    return [];
  });
}

/** A value as an operator takes it: in quotation marks when it has a space. */
export const quoted = (value: string): string => (/[\s()]/.test(value) ? `"${value.replaceAll('"', '')}"` : value);

/** Where a search looks, if one of its chips says it: the field shows it apart. */
export const isPlace = ({ term }: Chip): boolean =>
  term.kind === 'anywhere' || (term.kind === 'field' && term.field === 'in');

/** The search without one of its terms, for each: what somebody who found nothing can leave out. */
export function loosened(typed: string): readonly { readonly without: Term; readonly text: string }[] {
  const placed = parseSearch(typed);
  if (placed.length < 2) return [];
  return placed.map(({ term, start, end }) => ({
    without: term,
    text: `${typed.slice(0, start)} ${typed.slice(end)}`.replace(/\s+/g, ' ').trim(),
  }));
}
