/** What an Email has (RFC 8621 4.1), and what has to be read to answer it. */
import { listedHeaderFields } from '../../../codec/mime/listed-headers.js';
import { type HeaderProperty, parseHeaderProperty } from './header-property.js';

export const emailProperties = [
  'id',
  'blobId',
  'threadId',
  'mailboxIds',
  'keywords',
  'size',
  'receivedAt',
  'messageId',
  'inReplyTo',
  'references',
  'sender',
  'from',
  'to',
  'cc',
  'bcc',
  'replyTo',
  'subject',
  'sentAt',
  'hasAttachment',
  'preview',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyStructure',
  'headers',
] as const;

/** RFC 8621 4.2: everything but the whole header and the tree. */
export const defaultEmailProperties: readonly string[] = emailProperties.filter(
  (name) => name !== 'headers' && name !== 'bodyStructure',
);

/** What only an email of an account has: null in one that is parsed (RFC 8621 4.9). */
export const storedProperties: readonly string[] = ['id', 'threadId', 'mailboxIds', 'keywords', 'receivedAt'];

/** RFC 8621 4.9: what a message says of itself. */
export const defaultParseProperties: readonly string[] = defaultEmailProperties.filter(
  (name) => !storedProperties.includes(name) && name !== 'blobId' && name !== 'size',
);

export const isHeaderPropertyName = (name: string): boolean =>
  name.startsWith('header:') && parseHeaderProperty(name) !== undefined;

const bodyNames: readonly string[] = ['bodyValues', 'textBody', 'htmlBody', 'attachments', 'bodyStructure'];

export interface ReadPlan {
  readonly wanted: ReadonlySet<string>;
  readonly headers: readonly HeaderProperty[];
  /** `none`: the index knows. `card`: listed fields. `block`: the header of the message. `scan`: all of it. */
  readonly depth: 'none' | 'card' | 'block' | 'scan';
  readonly needsStructure: boolean;
  readonly needsPreview: boolean;
}

export function planOf(wanted: ReadonlySet<string>): ReadPlan {
  const headers = [...wanted].flatMap((name): readonly HeaderProperty[] => {
    const property = parseHeaderProperty(name);
    return property === undefined ? [] : [property];
  });
  const needsScan = bodyNames.some((name) => wanted.has(name));
  const needsBlock = wanted.has('headers') || headers.some(({ field }) => !listedHeaderFields.has(field.toLowerCase()));
  const depth = needsScan ? 'scan' : needsBlock ? 'block' : headers.length > 0 ? 'card' : 'none';
  return {
    wanted,
    headers,
    depth,
    needsStructure: wanted.has('hasAttachment') && !needsScan,
    needsPreview: wanted.has('preview'),
  };
}
