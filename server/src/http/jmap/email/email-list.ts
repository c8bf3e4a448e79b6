/** The sorted list of an Email/query (RFC 8621 4.4): kept with the emails of the account for as long as it holds. */
import type { Account } from '../../../mailstore/account.js';
import type { Emails } from '../../../mailstore/emails.js';
import type { JsonObject } from '../method.js';
import type { ParsedComparator } from '../standard/sort.js';
import { conditionsOf, dependenceOf, type EmailFilter, onlyMailbox, searchQueryOf } from './email-filter.js';
import { sortDependence, sortEmails } from './email-sort.js';
import { firstOfThreads, live, newestMatching } from './newest-matching.js';

export interface EmailQuery {
  readonly filter: EmailFilter | undefined;
  readonly sort: readonly ParsedComparator[];
  readonly collapseThreads: boolean;
  /** Filter, sort and collapseThreads as the client sent them: what makes two queries the same. */
  readonly key: string;
}

/** Numbers of emails in order. */
export interface EmailList {
  readonly emails: Emails;
  /** The state from which changes lead on. */
  readonly asOf: number;
  readonly numbers: Uint32Array;
}

interface Kept {
  readonly asOf: number;
  readonly shape: number;
  readonly numbers: Uint32Array;
}

const newestFirst: readonly ParsedComparator[] = [{ property: 'receivedAt', isAscending: false }];

export function emailQuery(
  filter: EmailFilter | undefined,
  sort: readonly ParsedComparator[],
  collapseThreads: boolean,
): EmailQuery {
  const order = sort.length === 0 ? newestFirst : sort;
  const key = JSON.stringify([filter ?? null, order, collapseThreads] satisfies readonly (JsonObject | unknown)[]);
  return { filter, sort: order, collapseThreads, key };
}

/** What decides about membership and order besides where emails lie and what never changes. */
export function dependsOn({ filter, sort, collapseThreads }: EmailQuery): {
  readonly keywords: boolean;
  readonly threads: boolean;
} {
  const [byFilter, bySort] = [dependenceOf(filter), sortDependence(sort)];
  return {
    keywords: byFilter.keywords || bySort.keywords,
    threads: collapseThreads || byFilter.threads || bySort.threads,
  };
}

/** With `first`, at least so many from the beginning if there are as many, which may be much quicker than all. */
export async function emailList(
  account: Account,
  query: EmailQuery,
  signal: AbortSignal,
  first?: number,
): Promise<EmailList> {
  const emails = await account.emails();
  const name = `query/${query.key}`;
  const kept = emails.memo.get<Kept>(name);
  const { asOf, shape } = emails;
  // Where keywords decide nothing, a list holds until an email comes, goes or is moved.
  if (kept !== undefined && (kept.asOf === asOf || (!dependsOn(query).keywords && kept.shape === shape))) {
    return { emails, asOf, numbers: kept.numbers };
  }
  if (first !== undefined && isReading(query)) {
    return {
      emails,
      asOf,
      numbers: await newestMatching(account, emails, query, { enough: first, firstStep, signal }),
    };
  }
  let numbers = await matching(account, emails, query.filter, signal);
  await sortEmails(account, emails, numbers, query.sort, signal);
  if (query.collapseThreads) numbers = firstOfThreads(emails, numbers);
  // What changed while it was looked for is told by the changes from `asOf` on.
  const bytes = numbers.byteLength + 2 * name.length + 200;
  if (emails.asOf === asOf) emails.memo.set(name, { asOf, shape, numbers } satisfies Kept, bytes);
  return { emails, asOf, numbers };
}

/** Emails looked at first by a search that ends when it has enough. */
const firstStep = 2_048;

/** Messages have to be read to answer, and the newest come first. */
function isReading({ filter, sort }: EmailQuery): boolean {
  const [by] = sort;
  if (sort.length !== 1 || by!.property !== 'receivedAt' || by!.isAscending) return false;
  return conditionsOf(filter).some((each) => each.text !== undefined || each.body !== undefined);
}

async function matching(
  account: Account,
  emails: Emails,
  filter: EmailFilter | undefined,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const mailbox = onlyMailbox(filter);
  if (mailbox !== undefined) return emails.inMailbox(mailbox);
  if (filter === undefined)
    return live(
      emails,
      new Uint32Array(emails.count).map((_, i) => i),
    );
  return live(emails, await account.search(emails, searchQueryOf(filter, account, emails), signal));
}
