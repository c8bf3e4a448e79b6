/** Email/query and Email/queryChanges (RFC 8621 4.4, 4.5). */
import { capability } from '@vaguemestre/shared/jmap/core';
import { emailSortProperties } from '@vaguemestre/shared/jmap/email';
import type { AccountChanges } from '../../../mailstore/account-changes.js';
import { parseEmailFilter } from '../email/email-filter.js';
import { dependsOn, type EmailList, type EmailQuery, emailList, emailQuery } from '../email/email-list.js';
import { isKeyword } from '../email/keywords.js';
import type { MethodContext } from '../method.js';
import { type ArgumentReader, invalidArguments } from '../standard/arguments.js';
import { type IdList, type QueryDelta, queryChangesMethod, queryMethod } from '../standard/query.js';
import { readSort } from '../standard/sort.js';
import { cannotCalculateChanges, modseqOf } from '../standard/state.js';

const type = { name: 'Email', capability: capability.mail };

function parse(args: ArgumentReader): EmailQuery {
  const filter = parseEmailFilter(args.raw('filter'));
  const sort = readSort(args, emailSortProperties, ['keyword']);
  for (const { property, keyword } of sort) {
    // RFC 8621 4.4.2: those that end in Keyword have one, the others none.
    const right = property.endsWith('Keyword')
      ? typeof keyword === 'string' && isKeyword(keyword)
      : keyword === undefined;
    if (!right) throw invalidArguments(`A comparator by ${property} has a wrong keyword`, { arguments: ['sort'] });
  }
  return emailQuery(filter, sort, args.boolean('collapseThreads', false));
}

export const emailQueryMethod = queryMethod<EmailQuery>({
  ...type,
  parse,
  async results(query, { account, signal }, first) {
    const list = await emailList(account, query, signal, first);
    return { queryState: String(list.asOf), canCalculateChanges: true, ids: idsOf(list) };
  },
});

function idsOf({ emails, numbers }: EmailList): IdList {
  return {
    length: numbers.length,
    at: (index) => emails.idAt(numbers[index]!),
    indexOf: (id) => {
      const number = emails.numberOf(id);
      return number < 0 ? -1 : numbers.indexOf(number);
    },
  };
}

export const emailQueryChanges = queryChangesMethod<EmailQuery>({ ...type, parse, delta });

/**
 * Everything that may have come, gone or moved is taken out, and put in where it is now: emails that changed in what the query looks
 * at, and, where threads decide, all emails of threads in which one did.
 */
async function delta(
  query: EmailQuery,
  { state }: { readonly state: string },
  { account, signal }: MethodContext,
): Promise<QueryDelta> {
  const since = modseqOf(state, account);
  for (let attempt = 1; ; attempt++) {
    const list = await emailList(account, query, signal);
    const changes = await account.changesSince(since);
    if (changes === undefined) throw cannotCalculateChanges();
    // List and changes of one state, unless others are too quick: then a later call tells the difference again.
    if ((changes.upTo === list.asOf && list.emails.asOf === list.asOf) || attempt === maxAttempts) {
      return between(query, list, changes);
    }
  }
}

const maxAttempts = 4;

function between(query: EmailQuery, list: EmailList, changes: AccountChanges): QueryDelta {
  const { emails, numbers } = list;
  const { keywords, threads } = dependsOn(query);
  const matters = (id: string): boolean => keywords || !(changes.onlyKeywords as ReadonlySet<string>).has(id);
  const { created, updated, destroyed } = changes.emails;
  const changed = new Set<string>([...created, ...updated.filter(matters), ...destroyed]);
  if (threads) {
    const touched = new Set<string>([...changes.threads.created, ...changes.threads.updated]);
    for (const id of changed) {
      const number = emails.numberOf(id);
      if (number >= 0) touched.add(emails.threadAt(number));
    }
    for (const thread of touched) for (const number of emails.thread(thread)) changed.add(emails.idAt(number));
  }
  const isChanged = new Uint8Array(emails.count);
  for (const id of changed) {
    const number = emails.numberOf(id);
    if (number >= 0) isChanged[number] = 1;
  }
  const added: { id: string; index: number }[] = [];
  for (const [index, number] of numbers.entries()) {
    if (isChanged[number] === 1) added.push({ id: emails.idAt(number), index });
  }
  return { newQueryState: String(list.asOf), total: numbers.length, removed: [...changed], added };
}
