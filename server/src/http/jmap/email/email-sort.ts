/**
 * Orders of Email/query (RFC 8621 4.4.2). By date along an order that the emails keep; by size from a column; by names and subjects from cards, read once for
 * each email and kept. Where nothing else tells two emails apart their ids do, in the direction of the last comparator, so that every process gives
 * the same order, and the newer of one second comes first where the newest do: ids grow with time.
 */
import { foldText } from '../../../codec/mime/fold.js';
import { toBinaryString } from '../../../codec/mime/header-fields.js';
import { addressesForm, dateForm, textForm } from '../../../codec/mime/header-forms.js';
import { baseSubject } from '../../../codec/mime/message-ids.js';
import type { Account } from '../../../mailstore/account.js';
import type { Emails } from '../../../mailstore/emails.js';
import type { ParsedComparator } from '../standard/sort.js';
import { lastValue } from './header-block.js';
import { carriers } from './keyword-sets.js';

export interface SortDependence {
  readonly keywords: boolean;
  readonly threads: boolean;
}

export function sortDependence(sort: readonly ParsedComparator[]): SortDependence {
  const threads = sort.some(({ property }) => property.endsWith('InThreadHaveKeyword'));
  return { keywords: threads || sort.some(({ property }) => property === 'hasKeyword'), threads };
}

/** Sorts `numbers` in place. */
export async function sortEmails(
  account: Account,
  emails: Emails,
  numbers: Uint32Array,
  sort: readonly ParsedComparator[],
  signal: AbortSignal,
): Promise<void> {
  const [first] = sort;
  if (sort.length === 1 && first!.property === 'receivedAt') {
    sortByDate(emails, numbers, first!.isAscending);
    return;
  }
  const comparators: ((x: number, y: number) => number)[] = [];
  const byIds = { property: 'id', isAscending: sort.at(-1)?.isAscending ?? true };
  for (const comparator of [...sort, byIds]) {
    const compare = await comparatorOf(account, emails, numbers, comparator, signal);
    comparators.push(comparator.isAscending ? compare : (x, y) => compare(y, x));
  }
  numbers.sort((x, y) => {
    for (const compare of comparators) {
      const order = compare(x, y);
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** One pass over the order that the emails keep. */
export function sortByDate(emails: Emails, numbers: Uint32Array, ascending: boolean): void {
  const wanted = new Uint8Array(emails.count);
  for (const number of numbers) wanted[number] = 1;
  const order = emails.byDate();
  let at = ascending ? 0 : numbers.length - 1;
  for (const number of order) {
    if (wanted[number] !== 1) continue;
    numbers[at] = number;
    at += ascending ? 1 : -1;
  }
}

async function comparatorOf(
  account: Account,
  emails: Emails,
  numbers: Uint32Array,
  { property, keyword, collation }: ParsedComparator,
  signal: AbortSignal,
): Promise<(x: number, y: number) => number> {
  const carried = (): ReturnType<typeof carriers> => carriers(account, emails, keyword as string);
  const byMembership = (has: (number: number) => boolean) => (x: number, y: number) => Number(has(x)) - Number(has(y));
  switch (property) {
    case 'id':
      return (x, y) => emails.compareIds(x, y);
    case 'receivedAt':
      return (x, y) => emails.dateAt(x) - emails.dateAt(y);
    case 'size':
      return (x, y) => emails.sizeAt(x) - emails.sizeAt(y);
    case 'hasKeyword': {
      const { emails: set } = carried();
      return byMembership((number) => set.has(number));
    }
    case 'allInThreadHaveKeyword': {
      const { all } = carried().threads();
      return byMembership((number) => all.has(emails.threadNumber(number)));
    }
    case 'someInThreadHaveKeyword': {
      const { some } = carried().threads();
      return byMembership((number) => some.has(emails.threadNumber(number)));
    }
    default: {
      const order = collation === undefined ? inPeoplesOrder : (text: string): string => text;
      const keys = await textKeys(
        account,
        emails,
        numbers,
        { property: property as TextKey, collation, order },
        signal,
      );
      return (x, y) => (keys[x]! < keys[y]! ? -1 : keys[x]! > keys[y]! ? 1 : 0);
    }
  }
}

type TextKey = 'from' | 'to' | 'subject' | 'sentAt';

interface TextOrder {
  readonly property: TextKey;
  readonly collation: string | undefined;
  /** Of folded texts: one whose octets compare as it is to be sorted. */
  order(text: string): string;
}

/** What a key costs in memory, about. */
const bytesPerKey = 64;

/** By email; those that were not asked for may be missing. */
async function textKeys(
  account: Account,
  emails: Emails,
  numbers: Uint32Array,
  { property, collation, order }: TextOrder,
  signal: AbortSignal,
): Promise<readonly (string | undefined)[]> {
  const name = `sort/${property}/${collation ?? ''}`;
  const keys = emails.memo.get<(string | undefined)[]>(name) ?? [];
  const unknown = numbers.filter((number) => keys[number] === undefined);
  for await (const cards of account.readCards(emails, unknown, ['headers'], signal)) {
    for (const card of cards) {
      const number = unknown[card.index]!;
      keys[number] = order(keyOf(property, toBinaryString(card.headers), emails.dateAt(number)));
    }
  }
  for (const number of unknown) keys[number] ??= order(keyOf(property, '', emails.dateAt(number)));
  emails.memo.set(name, keys, bytesPerKey * keys.length);
  return keys;
}

/** Folded as searches are: case and accents do not count. */
function keyOf(property: TextKey, block: string, date: number): string {
  switch (property) {
    case 'subject':
      // RFC 8621 4.4.2: the base subject of RFC 5256 2.1.
      return fold(baseSubject(textForm(lastValue(block, 'subject') ?? '')));
    case 'sentAt': {
      const sent = dateForm(lastValue(block, 'date') ?? '');
      const seconds = sent === null ? date : Date.parse(sent) / 1000;
      // Digits of equal length, behind a sign, compare as numbers do.
      return String(Math.round(seconds) + 1e12).padStart(14, '0');
    }
    default: {
      const [first] = addressesForm(lastValue(block, property) ?? '');
      return first === undefined ? '' : fold(first.name ?? first.email);
    }
  }
}

function fold(text: string): string {
  return Buffer.from(foldText(text)).toString('utf8').trim();
}

/** As Unicode's collation orders what ASCII has: signs, then digits, then letters. A client that names a collation gets that one. */
const asciiOrder = ' _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz';
const ranks = new Uint8Array(128);
for (let i = 0; i < asciiOrder.length; i++) ranks[asciiOrder.charCodeAt(i)] = i + 1;

function inPeoplesOrder(text: string): string {
  let ordered = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    ordered += code < 128 ? String.fromCharCode(ranks[code]!) : text[i];
  }
  return ordered;
}
