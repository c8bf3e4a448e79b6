/**
 * A filter of RFC 8621 4.4.1 on a row we hold: true, false, or undefined when the row alone cannot tell. It decides what
 * leaves a list at once when the reader acts, and gives the first results while the server still searches.
 */
import type { EmailAddress, EmailFilterCondition } from '@vaguemestre/shared/jmap/email';
import type { Filter, FilterOperator } from '@vaguemestre/shared/jmap/methods';
import type { EmailRow } from './email-row.js';

export type EmailFilter = Filter<EmailFilterCondition>;

export function matches(row: EmailRow, filter: EmailFilter | null): boolean | undefined {
  if (filter === null) return true;
  if (isOperator(filter)) {
    const results = filter.conditions.map((one) => matches(row, one));
    if (filter.operator === 'AND') return every(results);
    const any = every(results.map(not));
    // OR is NOT AND NOT; NOT is: none of them holds (RFC 8620 5.5).
    return filter.operator === 'OR' ? not(any) : any;
  }
  return every(Object.entries(filter).map(([name, value]) => holds(row, name as keyof EmailFilterCondition, value)));
}

function isOperator(filter: EmailFilter): filter is FilterOperator<EmailFilterCondition> {
  return 'operator' in filter;
}

const not = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);

function every(results: readonly (boolean | undefined)[]): boolean | undefined {
  if (results.includes(false)) return false;
  return results.includes(undefined) ? undefined : true;
}

function holds(row: EmailRow, name: keyof EmailFilterCondition, value: unknown): boolean | undefined {
  switch (name) {
    case 'inMailbox':
      return row.mailboxIds[value as string] === true;
    case 'inMailboxOtherThan':
      return Object.keys(row.mailboxIds).some((id) => !(value as readonly string[]).includes(id));
    case 'hasKeyword':
      return row.keywords[value as string] === true;
    case 'notKeyword':
      return row.keywords[value as string] !== true;
    case 'before':
      return row.receivedAt < (value as string);
    case 'after':
      return row.receivedAt >= (value as string);
    case 'minSize':
      return row.size >= (value as number);
    case 'maxSize':
      return row.size < (value as number);
    case 'hasAttachment':
      return row.hasAttachment === value;
    case 'from':
      return inAddresses(row.from, value as string);
    case 'to':
      return inAddresses(row.to, value as string);
    case 'subject':
      return contains(row.subject ?? '', value as string);
    case 'text':
      // The body may hold it where the row does not.
      return inRow(row, value as string) || undefined;
    default:
      return undefined;
  }
}

function inRow(row: EmailRow, text: string): boolean {
  return (
    contains(row.subject ?? '', text) ||
    contains(row.preview, text) ||
    inAddresses(row.from, text) ||
    inAddresses(row.to, text)
  );
}

function inAddresses(addresses: readonly EmailAddress[] | null, text: string): boolean {
  // As the server takes it: in angle brackets it is the whole of an address.
  const whole = text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1).toLowerCase() : undefined;
  if (whole !== undefined) return (addresses ?? []).some(({ email }) => email.toLowerCase() === whole);
  return (addresses ?? []).some((one) => contains(one.name ?? '', text) || contains(one.email, text));
}

function contains(where: string, what: string): boolean {
  return fold(where).includes(fold(what));
}

/** Capitals and accents make no difference. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
