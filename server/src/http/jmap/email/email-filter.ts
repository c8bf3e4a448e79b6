/**
 * Filters of Email/query (RFC 8621 4.4.1) as questions to the store's search: what columns answer is answered here, on the emails
 * of the account; texts go to the search of the store, which is exact.
 */
import type { EmailFilterCondition } from '@vaguemestre/shared/jmap/email';
import { hasAttachment, selectBodies } from '../../../codec/mime/body-selection.js';
import { readStructure } from '../../../codec/mime/structure-reader.js';
import type { Account } from '../../../mailstore/account.js';
import type { Emails } from '../../../mailstore/emails.js';
import { IndexSet } from '../../../mailstore/search/index-set.js';
import type { SearchQuery } from '../../../mailstore/search-query.js';
import { type ConditionTypes, type ParsedFilter, parseFilter } from '../standard/filter.js';
import { isId, isStringArray, isUnsignedInt, utcDateMs } from '../values.js';
import { carriers } from './keyword-sets.js';
import { isKeyword } from './keywords.js';
import { searchWords } from './search-words.js';

export type EmailFilter = ParsedFilter<EmailFilterCondition>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isName = (value: unknown): boolean => typeof value === 'string' && isKeyword(value);
const isDate = (value: unknown): boolean => utcDateMs(value) !== undefined;

const conditionTypes: ConditionTypes = {
  inMailbox: isId,
  inMailboxOtherThan: (value) => isStringArray(value) && value.every(isId),
  before: isDate,
  after: isDate,
  minSize: isUnsignedInt,
  maxSize: isUnsignedInt,
  allInThreadHaveKeyword: isName,
  someInThreadHaveKeyword: isName,
  noneInThreadHaveKeyword: isName,
  hasKeyword: isName,
  notKeyword: isName,
  hasAttachment: (value) => typeof value === 'boolean',
  text: isText,
  from: isText,
  to: isText,
  cc: isText,
  bcc: isText,
  subject: isText,
  body: isText,
  header: (value) => isStringArray(value) && (value.length === 1 || value.length === 2),
};

export function parseEmailFilter(filter: unknown): EmailFilter | undefined {
  return parseFilter<EmailFilterCondition>(filter, conditionTypes);
}

/** Every condition of a filter, wherever it stands. */
export function conditionsOf(filter: EmailFilter | undefined): readonly EmailFilterCondition[] {
  if (filter === undefined) return [];
  return filter.operator === 'is' ? [filter.condition] : filter.conditions.flatMap(conditionsOf);
}

export interface FilterDependence {
  /** Keywords of emails decide. */
  readonly keywords: boolean;
  /** What other emails of the thread are decides. */
  readonly threads: boolean;
}

export function dependenceOf(filter: EmailFilter | undefined): FilterDependence {
  const conditions = conditionsOf(filter);
  const threads = conditions.some(
    (each) =>
      each.allInThreadHaveKeyword !== undefined ||
      each.someInThreadHaveKeyword !== undefined ||
      each.noneInThreadHaveKeyword !== undefined,
  );
  const own = conditions.some((each) => each.hasKeyword !== undefined || each.notKeyword !== undefined);
  return { keywords: own || threads, threads };
}

/** The only condition is a mailbox: by far the most frequent question. */
export function onlyMailbox(filter: EmailFilter | undefined): string | undefined {
  if (filter?.operator !== 'is') return undefined;
  const names = Object.keys(filter.condition);
  return names.length === 1 ? filter.condition.inMailbox : undefined;
}

export function searchQueryOf(filter: EmailFilter, account: Account, emails: Emails): SearchQuery {
  switch (filter.operator) {
    case 'is':
      return conditionQuery(filter.condition, account, emails);
    case 'AND':
      return { kind: 'and', of: filter.conditions.map((each) => searchQueryOf(each, account, emails)) };
    case 'OR':
      return { kind: 'or', of: filter.conditions.map((each) => searchQueryOf(each, account, emails)) };
    case 'NOT':
      // RFC 8620 5.5: none of them.
      return {
        kind: 'not',
        of: { kind: 'or', of: filter.conditions.map((each) => searchQueryOf(each, account, emails)) },
      };
  }
}

/** RFC 8621 4.4.1: all of its properties must match; one without any matches everything. */
function conditionQuery(condition: EmailFilterCondition, account: Account, emails: Emails): SearchQuery {
  const of: SearchQuery[] = [];
  const rows = (keeps: (number: number) => boolean): void => {
    of.push({ kind: 'rows', cost: 0, among: (candidates) => filtered(candidates, keeps) });
  };
  const marked = (set: IndexSet, is = true): void => {
    of.push({
      kind: 'rows',
      cost: 0,
      among: (candidates) => (is ? candidates.clone().intersect(set) : candidates.clone().subtract(set)),
    });
  };
  const { inMailbox, inMailboxOtherThan, before, after, minSize, maxSize, header } = condition;
  if (inMailbox !== undefined) marked(setOf(emails, emails.inMailbox(inMailbox)));
  if (inMailboxOtherThan !== undefined) {
    const others = new Set<string>(inMailboxOtherThan);
    rows((number) => emails.mailboxesOf(number).some((mailbox) => !others.has(mailbox)));
  }
  if (before !== undefined) rows((number) => emails.dateAt(number) * 1000 < utcDateMs(before)!);
  if (after !== undefined) rows((number) => emails.dateAt(number) * 1000 >= utcDateMs(after)!);
  if (minSize !== undefined) rows((number) => emails.sizeAt(number) >= minSize);
  if (maxSize !== undefined) rows((number) => emails.sizeAt(number) < maxSize);
  if (condition.hasKeyword !== undefined) marked(carriers(account, emails, condition.hasKeyword).emails);
  if (condition.notKeyword !== undefined) marked(carriers(account, emails, condition.notKeyword).emails, false);
  threadConditions(condition, account, emails, rows);
  if (condition.hasAttachment !== undefined) of.push(attachmentQuery(condition.hasAttachment, account, emails));
  for (const field of ['from', 'to', 'cc', 'bcc', 'subject'] as const) {
    const address = field === 'subject' ? undefined : wholeAddress(condition[field] ?? '');
    if (address !== undefined) of.push({ kind: 'header', field, value: address, whole: true });
    else for (const value of searchWords(condition[field] ?? '')) of.push({ kind: 'header', field, value });
  }
  for (const value of searchWords(condition.text ?? '')) of.push({ kind: 'shown', value });
  for (const value of searchWords(condition.body ?? '')) of.push({ kind: 'body', value });
  if (header !== undefined) of.push({ kind: 'header', field: header[0], value: header[1] ?? '' });
  return of.length === 1 ? of[0]! : { kind: 'and', of };
}

/** RFC 8621 4.4.1 leaves open how texts match: `<anne@x>`, as a header writes it, is this address and no longer one. */
function wholeAddress(text: string): string | undefined {
  const address = text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1) : '';
  return address.includes('@') && !/[\s<>",]/.test(address) ? address : undefined;
}

function threadConditions(
  { allInThreadHaveKeyword, someInThreadHaveKeyword, noneInThreadHaveKeyword }: EmailFilterCondition,
  account: Account,
  emails: Emails,
  rows: (keeps: (number: number) => boolean) => void,
): void {
  if (allInThreadHaveKeyword !== undefined) {
    const { all } = carriers(account, emails, allInThreadHaveKeyword).threads();
    rows((number) => all.has(emails.threadNumber(number)));
  }
  if (someInThreadHaveKeyword !== undefined) {
    const { some } = carriers(account, emails, someInThreadHaveKeyword).threads();
    rows((number) => some.has(emails.threadNumber(number)));
  }
  if (noneInThreadHaveKeyword !== undefined) {
    const { some } = carriers(account, emails, noneInThreadHaveKeyword).threads();
    rows((number) => !some.has(emails.threadNumber(number)));
  }
}

/** Told from cards, once for each email: it never changes. */
function attachmentQuery(has: boolean, account: Account, emails: Emails): SearchQuery {
  return {
    kind: 'rows',
    cost: 2,
    async among(candidates, signal) {
      const known = emails.memo.get<Uint8Array>('attachments') ?? new Uint8Array(0);
      const marks = new Uint8Array(emails.count);
      marks.set(known.subarray(0, marks.length));
      const unknown = candidates.toArray().filter((number) => marks[number] === 0);
      for await (const cards of account.readCards(emails, unknown, ['bodyStructure'], signal)) {
        for (const card of cards) {
          const is = hasAttachment(selectBodies(readStructure(card.bodyStructure)));
          marks[unknown[card.index]!] = is ? 2 : 1;
        }
      }
      emails.memo.set('attachments', marks, marks.length);
      return filtered(candidates, (number) => (marks[number] === 2) === has);
    },
  };
}

function filtered(candidates: IndexSet, keeps: (number: number) => boolean): IndexSet {
  const kept = IndexSet.empty(candidates.size);
  for (const number of candidates.toArray()) if (keeps(number)) kept.add(number);
  return kept;
}

function setOf(emails: Emails, numbers: Uint32Array): IndexSet {
  const set = IndexSet.empty(emails.count);
  for (const number of numbers) set.add(number);
  return set;
}
