/**
 * Emails as JMAP objects. What the index knows is read in one turn, so it is of one state; header fields that lists show come from
 * cards, many to a read; the message itself is read only when something of it is asked for, one after the other, never kept.
 */
import { hasAttachment, selectBodies } from '../../../codec/mime/body-selection.js';
import { createEmailScan } from '../../../codec/mime/email-scan.js';
import { toBinaryString } from '../../../codec/mime/header-fields.js';
import { readStructure } from '../../../codec/mime/structure-reader.js';
import { maxMailTextBytesPerCall } from '../../../kernel/limits.js';
import type { Account } from '../../../mailstore/account.js';
import type { MessageOctets } from '../../../mailstore/content.js';
import type { Emails } from '../../../mailstore/emails.js';
import { readHeaderBlock } from '../../../mailstore/search/header-block.js';
import { formatBlobId } from '../blobs/blob-id.js';
import { type JsonObject, MethodError } from '../method.js';
import { utcDate } from '../values.js';
import type { BodyOptions } from './body-options.js';
import { planOf, type ReadPlan } from './email-properties.js';
import { headerFields } from './header-block.js';
import { headerValue } from './header-property.js';
import { keywordsOf } from './keywords.js';
import { scannedProperties, scanOptionsOf } from './scanned-properties.js';

type Writable = Record<string, unknown>;

/** In the order of `ids`; what is not there, or went while it was read, is left out. */
export async function readEmails(
  account: Account,
  emails: Emails,
  ids: readonly string[],
  properties: ReadonlySet<string>,
  body: BodyOptions,
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const plan = planOf(properties);
  const numbers: number[] = [];
  const objects: Writable[] = [];
  for (const id of ids) {
    const number = emails.numberOf(id);
    if (number < 0) continue;
    numbers.push(number);
    objects.push(indexedProperties(emails, number, account.keywords, plan.wanted));
  }
  const [went] = await Promise.all([
    addContents(account, emails, numbers, plan, body, objects, signal),
    addPreviews(account, emails, numbers, plan, objects),
    addCards(account, emails, numbers, plan, objects, signal),
  ]);
  return objects.filter((_, i) => !went.has(i));
}

function indexedProperties(
  emails: Emails,
  number: number,
  keywords: readonly string[],
  wanted: ReadonlySet<string>,
): Writable {
  const id = emails.idAt(number);
  const object: Writable = { id };
  if (wanted.has('blobId')) object['blobId'] = formatBlobId({ of: 'email', id, part: [] });
  if (wanted.has('threadId')) object['threadId'] = emails.threadAt(number);
  if (wanted.has('mailboxIds')) {
    object['mailboxIds'] = Object.fromEntries(emails.mailboxesOf(number).map((mailbox) => [mailbox, true]));
  }
  if (wanted.has('keywords')) object['keywords'] = keywordsOf(emails.flagsAt(number), keywords);
  if (wanted.has('size')) object['size'] = emails.sizeAt(number);
  if (wanted.has('receivedAt')) object['receivedAt'] = utcDate(emails.dateAt(number) * 1000);
  return object;
}

async function addPreviews(
  account: Account,
  emails: Emails,
  numbers: readonly number[],
  plan: ReadPlan,
  objects: readonly Writable[],
): Promise<void> {
  if (!plan.needsPreview) return;
  for (const [i, preview] of (await account.readPreviews(emails, numbers)).entries()) objects[i]!['preview'] = preview;
}

async function addCards(
  account: Account,
  emails: Emails,
  numbers: readonly number[],
  plan: ReadPlan,
  objects: readonly Writable[],
  signal: AbortSignal,
): Promise<void> {
  const needsHeaders = plan.depth === 'card';
  if (!needsHeaders && !plan.needsStructure) return;
  const parts = [
    ...(needsHeaders ? (['headers'] as const) : []),
    ...(plan.needsStructure ? (['bodyStructure'] as const) : []),
  ];
  for await (const cards of account.readCards(emails, numbers, parts, signal)) {
    for (const card of cards) {
      const object = objects[card.index]!;
      if (needsHeaders) addHeaders(object, plan, toBinaryString(card.headers));
      if (plan.needsStructure) {
        object['hasAttachment'] = hasAttachment(selectBodies(readStructure(card.bodyStructure)));
      }
    }
  }
}

export function addHeaders(object: Writable, plan: ReadPlan, block: string): void {
  const fields = headerFields(block);
  for (const header of plan.headers) object[header.property] = headerValue(fields, header);
  if (plan.wanted.has('headers')) object['headers'] = fields.list();
}

/** Positions of those that are not there any more. */
async function addContents(
  account: Account,
  emails: Emails,
  numbers: readonly number[],
  plan: ReadPlan,
  body: BodyOptions,
  objects: readonly Writable[],
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  if (plan.depth !== 'block' && plan.depth !== 'scan') return new Set();
  const left = new Set(numbers.keys());
  let textBytes = 0;
  for await (const message of account.readContents(emails, numbers, signal)) {
    left.delete(message.index);
    const object = objects[message.index]!;
    if (plan.depth === 'block') {
      addHeaders(object, plan, toBinaryString(await readHeaderBlock(message)));
      continue;
    }
    textBytes += await addScanned(message, plan, body, object);
    if (textBytes > maxMailTextBytesPerCall) {
      throw new MethodError('requestTooLarge', 'These messages have too much text for one call: ask for fewer at once');
    }
  }
  return left;
}

/** Octets of text that were added, about. */
async function addScanned(
  message: MessageOctets,
  plan: ReadPlan,
  body: BodyOptions,
  object: Writable,
): Promise<number> {
  const scan = createEmailScan(scanOptionsOf(plan.wanted, body));
  scan.push(message.prefix);
  scan.push(message.first);
  if (message.prefix.length + message.first.length < message.size) {
    for await (const piece of message.rest()) scan.push(piece);
  }
  const scanned = scan.end();
  if (plan.headers.length > 0 || plan.wanted.has('headers')) addHeaders(object, plan, scanned.headerOf(scanned.root));
  Object.assign(object, scannedProperties(scanned, { of: 'email', id: message.id, part: [] }, plan.wanted, body));
  const values = Object.values((object['bodyValues'] ?? {}) as Record<string, { readonly value: string }>);
  return values.reduce((sum, { value }) => sum + value.length, 0);
}
