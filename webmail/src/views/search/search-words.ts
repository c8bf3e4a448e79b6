/** A term of a search in words, as a chip shows it. */
import { parseSearch, type Term } from '@vaguemestre/shared/search-grammar';
import { type NearDay, type Unit, weekdays } from '@vaguemestre/shared/search-values';
import { formatSize } from '../../i18n/format.js';
import type { Language } from '../../i18n/language.js';
import { type FrameWords, t } from '../../i18n/text.svelte.js';
import { findMailbox } from '../../model/search-filter.js';
import type { Chip } from '../../model/search-terms.js';
import { searchNames } from '../../state/list.svelte.js';
import { boxName } from '../../state/view-name.js';

const unitWords: Readonly<Record<Language, Readonly<Record<Unit, readonly [one: string, many: string]>>>> = {
  fr: { d: ['jour', 'jours'], w: ['semaine', 'semaines'], m: ['mois', 'mois'], y: ['an', 'ans'] },
  en: { d: ['day', 'days'], w: ['week', 'weeks'], m: ['month', 'months'], y: ['year', 'years'] },
};

/** The same of what is typed: it is one term, or shown as it is. */
export function wordsOfSource(source: string, text: FrameWords, language: Language): string {
  const [parsed] = parseSearch(source);
  return parsed === undefined ? source : wordsOfTerm(parsed.term, text, language);
}

export function wordsOfTerm(term: Term, text: FrameWords, language: Language): string {
  const { chips } = text.searching;
  switch (term.kind) {
    case 'text':
      return term.text;
    case 'field':
      return chips[term.field](term.text);
    case 'mark':
      return chips[term.mark];
    case 'date': {
      const [year = 0, month = 1, day = 1] = term.day.split('-').map(Number);
      const shown = new Date(year, month - 1, day).toLocaleDateString(language === 'fr' ? 'fr-FR' : 'en-GB', {
        dateStyle: 'medium',
      });
      return chips[term.side](shown);
    }
    case 'nearDay':
      return chips[term.side === 'before' ? 'beforeDay' : 'sinceDay'](nearDayWords(term.day, text, language));
    case 'anywhere':
      return text.searching.anywhere;
    case 'age': {
      const [one, many] = unitWords[language][term.unit];
      return chips[term.side](`${term.count}\u00a0${term.count === 1 ? one : many}`);
    }
    case 'size':
      return chips[term.side](formatSize(language, term.octets));
    case 'not':
      return chips.not(wordsOfTerm(term.term, text, language));
    case 'any':
    case 'all':
      return term.terms.map((one) => wordsOfTerm(one, text, language)).join(' ');
  }
}

function nearDayWords(day: NearDay, text: FrameWords, language: Language): string {
  const { nearDays } = text.searching;
  if (day in nearDays) return nearDays[day as keyof typeof nearDays];
  // 2023 began on a Sunday.
  const date = new Date(2023, 0, 1 + weekdays.indexOf(day as (typeof weekdays)[number]));
  return date.toLocaleDateString(language === 'fr' ? 'fr-FR' : 'en-GB', { weekday: 'long' });
}

/** Where a search looks, as the page calls it. */
export function wordsOfPlace({ term }: Chip): string {
  if (term.kind !== 'field') return t.text.searching.anywhere;
  const box = findMailbox(term.text, searchNames());
  return box === undefined ? term.text : boxName(box);
}
