/** The terms of a search as a JMAP filter (RFC 8621 4.4.1). */
import type { EmailFilterCondition } from './jmap/email.js';
import type { Filter } from './jmap/methods.js';
import type { Field, Term } from './search-grammar.js';
import { type Mark, type NearDay, type Unit, weekdays } from './search-values.js';

export interface SearchContext {
  /** The mailbox that `in:` names; undefined when there is none of that name. */
  mailbox(name: string): string | undefined;
  /** The keyword that `label:` names. */
  keyword(name: string): string;
  readonly now: Date;
}

type EmailFilter = Filter<EmailFilterCondition>;

/** Nothing can match it: a folder that does not exist holds no mail. */
const nothing: EmailFilter = { operator: 'AND', conditions: [{ hasKeyword: '$seen' }, { notKeyword: '$seen' }] };

export function searchFilterOf(terms: readonly Term[], context: SearchContext): EmailFilter {
  const conditions = terms.map((term) => conditionOf(term, context));
  const [only] = conditions;
  return conditions.length === 1 && only ? only : { operator: 'AND', conditions };
}

const keywordOfMark: Readonly<Record<Exclude<Mark, 'file' | 'unread'>, string>> = {
  read: '$seen',
  flagged: '$flagged',
  answered: '$answered',
  draft: '$draft',
};

function conditionOf(term: Term, context: SearchContext): EmailFilter {
  switch (term.kind) {
    case 'text':
      return { text: term.text };
    case 'field':
      return fieldCondition(term.field, term.text, context);
    case 'mark':
      if (term.mark === 'file') return { hasAttachment: true };
      if (term.mark === 'unread') return { notKeyword: '$seen' };
      return { hasKeyword: keywordOfMark[term.mark] };
    case 'date': {
      const at = utc(localMidnight(term.day));
      return term.side === 'before' ? { before: at } : { after: at };
    }
    case 'nearDay': {
      const at = utc(nearMidnight(context.now, term.day));
      return term.side === 'before' ? { before: at } : { after: at };
    }
    case 'age': {
      const at = utc(back(context.now, term.count, term.unit));
      return term.side === 'newer' ? { after: at } : { before: at };
    }
    case 'size':
      return term.side === 'larger' ? { minSize: term.octets } : { maxSize: term.octets };
    case 'anywhere':
      return {}; // RFC 8621 4.4.1: no property, always true
    case 'not':
      return { operator: 'NOT', conditions: [conditionOf(term.term, context)] };
    case 'any':
      return { operator: 'OR', conditions: term.terms.map((one) => conditionOf(one, context)) };
    case 'all':
      return { operator: 'AND', conditions: term.terms.map((one) => conditionOf(one, context)) };
  }
}

function fieldCondition(field: Field, text: string, context: SearchContext): EmailFilter {
  if (field === 'in') {
    const id = context.mailbox(text);
    return id === undefined ? nothing : { inMailbox: id };
  }
  if (field === 'label') return { hasKeyword: context.keyword(text) };
  if (field === 'list') return { header: ['List-Id', text] };
  return { [field]: text };
}

/** Whether a search says itself where to look. */
export function namesPlace(terms: readonly Term[]): boolean {
  return terms.some((term) => {
    if (term.kind === 'anywhere') return true;
    if (term.kind === 'field') return term.field === 'in';
    return (term.kind === 'all' || term.kind === 'any') && namesPlace(term.terms);
  });
}

function localMidnight(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}

/** `monday` is the last one before today; a week begins on Monday (ISO 8601). */
function nearMidnight(now: Date, day: NearDay): Date {
  const [year, month, date] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const sinceMonday = (now.getDay() + 6) % 7;
  switch (day) {
    case 'today':
      return new Date(year, month, date);
    case 'yesterday':
      return new Date(year, month, date - 1);
    case 'week':
      return new Date(year, month, date - sinceMonday);
    case 'month':
      return new Date(year, month, 1);
    case 'year':
      return new Date(year, 0, 1);
    default:
      return new Date(year, month, date - ((now.getDay() - weekdays.indexOf(day) + 6) % 7) - 1);
  }
}

function back(now: Date, count: number, unit: Unit): Date {
  const date = new Date(now);
  if (unit === 'd') date.setDate(date.getDate() - count);
  if (unit === 'w') date.setDate(date.getDate() - 7 * count);
  if (unit === 'm') date.setMonth(date.getMonth() - count);
  if (unit === 'y') date.setFullYear(date.getFullYear() - count);
  // A search typed twice is the same search: the list it opens is the one that is there.
  date.setSeconds(0, 0);
  return date;
}

/** RFC 8620 1.4: no fraction when it is zero. */
function utc(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
