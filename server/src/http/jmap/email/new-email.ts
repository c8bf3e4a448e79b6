/** A new message from an Email object (RFC 8621 4.6): checked as a whole, then written while it is stored. */
import { randomUUID } from 'node:crypto';
import { dateField, messageIdsField } from '../../../codec/mime/header-writer.js';
import { buildMessage } from '../../../codec/mime/message-builder.js';
import type { MailboxId } from '../../../kernel/ids.js';
import type { JsonObject } from '../method.js';
import { invalidProperties, SetFailure } from '../standard/set-failure.js';
import { isObject, utcDateMs } from '../values.js';
import { flagOf, isKeywords } from './keywords.js';
import { type BlobOpener, newBody } from './new-body.js';
import { type NewField, newFields } from './new-header.js';

export interface NewEmail {
  readonly mailboxes: readonly MailboxId[];
  readonly flags: readonly string[];
  /** Seconds. */
  readonly receivedAt: number | undefined;
  octets(): AsyncIterable<Uint8Array>;
}

export interface NewEmailContext {
  readonly open: BlobOpener;
  /** Of the person's address: for Message-ID. */
  readonly domain: string;
  readonly nowMs: number;
  /** Behind a `#creationId`. */
  realId(id: string): string;
}

const otherProperties = [
  'mailboxIds',
  'keywords',
  'receivedAt',
  'bodyStructure',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
];

/** SetFailure invalidProperties, blobNotFound. */
export async function newEmail(email: JsonObject, context: NewEmailContext): Promise<NewEmail> {
  const problems = { wrong: new Set<string>(), missingBlobs: new Set<string>() };
  const place = newPlace(email, context, problems.wrong);
  const fields = headerFields(email, problems.wrong);
  const { root, rootFields } = await newBody(email, context.open, problems);
  for (const { name, property } of fields) {
    const twice = rootFields.get(name);
    // RFC 8621 4.6: a field of the message is given once, here or there.
    if (twice !== undefined) problems.wrong.add(property).add(`bodyStructure/${twice}`);
  }
  if (problems.wrong.size > 0) {
    const names = [...problems.wrong];
    throw invalidProperties(names, `wrong, unknown or missing: ${names.join(', ').slice(0, 200)}`);
  }
  if (problems.missingBlobs.size > 0) {
    throw new SetFailure({ type: 'blobNotFound', notFound: [...problems.missingBlobs] });
  }
  const names = new Set([...fields.map((field) => field.name), ...rootFields.keys()]);
  const header = completed(fields, names, context);
  return { ...place, octets: () => buildMessage(header, root) };
}

export type Place = Omit<NewEmail, 'octets'>;

/** `mailboxIds`, `keywords` and `receivedAt`, as Email/set and Email/import take them. */
export function newPlace(email: JsonObject, context: Pick<NewEmailContext, 'realId'>, wrong: Set<string>): Place {
  const { mailboxIds, keywords = {}, receivedAt } = email;
  const isMailboxes =
    isObject(mailboxIds) && Object.keys(mailboxIds).length > 0 && Object.values(mailboxIds).every((is) => is === true);
  if (!isMailboxes) wrong.add('mailboxIds');
  if (!isKeywords(keywords)) wrong.add('keywords');
  const ms = receivedAt === undefined || receivedAt === null ? undefined : utcDateMs(receivedAt);
  if (receivedAt !== undefined && receivedAt !== null && ms === undefined) wrong.add('receivedAt');
  return {
    mailboxes: isMailboxes ? Object.keys(mailboxIds).map((id) => context.realId(id) as MailboxId) : [],
    flags: isKeywords(keywords) ? Object.keys(keywords).map(flagOf) : [],
    receivedAt: ms === undefined ? undefined : Math.floor(ms / 1000),
  };
}

function headerFields(email: JsonObject, wrong: Set<string>): readonly NewField[] {
  const fields: NewField[] = [];
  const byName = new Map<string, string>();
  for (const [property, value] of Object.entries(email)) {
    if (otherProperties.includes(property)) continue;
    const written = newFields(property, value);
    const name = written?.[0]?.name;
    // RFC 8621 4.6: Content- fields belong to parts. MIME-Version is the builder's.
    if (written === undefined || name?.startsWith('content-') === true || name === 'mime-version') {
      wrong.add(property);
      continue;
    }
    if (name === undefined) continue;
    const other = byName.get(name);
    if (other !== undefined) wrong.add(property).add(other);
    byName.set(name, property);
    fields.push(...written);
  }
  return fields;
}

/** The order in which people and programs expect them. */
const order = [
  'date',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
];

/** RFC 5322 3.6: Date is there always, and a Message-ID should be. */
function completed(fields: readonly NewField[], names: ReadonlySet<string>, context: NewEmailContext): string {
  const all = [...fields];
  const add = (name: string, octets: string): void => {
    if (!names.has(name)) all.push({ property: '', name, octets });
  };
  add('date', dateField('Date', context.nowMs, 0));
  add('message-id', messageIdsField('Message-ID', [`${randomUUID()}@${context.domain}`]));
  const rank = ({ name }: NewField): number => (order.indexOf(name) + order.length + 1) % (order.length + 1);
  return all
    .map((field, i) => ({ field, i }))
    .sort((x, y) => rank(x.field) - rank(y.field) || x.i - y.i)
    .map(({ field }) => field.octets)
    .join('');
}
