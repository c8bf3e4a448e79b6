/** A message with what reading it needs (RFC 8621 4.2), and which of its parts are shown and which are files. */
import type { Email, EmailBodyPart, EmailGetArguments } from '@vaguemestre/shared/jmap/email';
import { type UnsubscribeWays, unsubscribeWays } from '@vaguemestre/shared/list-unsubscribe';
import { maxHtmlLength } from '../html/allowed-html.js';

const properties = [
  'id',
  'blobId',
  'threadId',
  'size',
  'receivedAt',
  'from',
  'sender',
  'to',
  'cc',
  'bcc',
  'replyTo',
  'subject',
  'sentAt',
  'messageId',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
  'header:Authentication-Results:asRaw:all',
  'header:DKIM-Signature:asRaw:all',
  'header:List-Id:asText',
  'header:List-Post:asURLs',
  'header:List-Unsubscribe:asURLs',
  'header:List-Unsubscribe-Post:asText',
  'header:Auto-Submitted:asText',
] as const;

const partProperties = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'header:Content-Type:asRaw',
] as const;

export type OpenMessage = Pick<Email, (typeof properties)[number]>;

/** How a message is asked for, by `Email/get` and (an attached one) by `Email/parse`. */
export const messageArguments = {
  properties: [...properties],
  bodyProperties: [...partProperties],
  fetchTextBodyValues: true,
  fetchHTMLBodyValues: true,
  maxBodyValueBytes: maxHtmlLength,
} satisfies Partial<EmailGetArguments>;

/** A part that is shown in the place where it stands. */
export type ShownPart =
  | { readonly kind: 'html'; readonly part: EmailBodyPart; readonly value: string; readonly cut: boolean }
  | { readonly kind: 'text'; readonly part: EmailBodyPart; readonly value: string; readonly cut: boolean }
  | { readonly kind: 'image'; readonly part: EmailBodyPart };

/** `plain` prefers the text form where the message has both. */
export function shownParts(message: OpenMessage, plain: boolean): ShownPart[] {
  const parts = plain && message.textBody.length > 0 ? message.textBody : message.htmlBody;
  return parts.flatMap((part): ShownPart[] => {
    if (part.type.startsWith('image/')) return [{ kind: 'image', part }];
    const body = part.partId === null ? undefined : message.bodyValues[part.partId];
    if (!body) return [];
    const kind = part.type === 'text/html' ? 'html' : 'text';
    return [{ kind, part, value: body.value, cut: body.isTruncated === true }];
  });
}

/** Whether there are two forms to choose from. */
export function hasBothForms(message: OpenMessage): boolean {
  return (
    message.htmlBody.some((part) => part.type === 'text/html') &&
    message.textBody.some((part) => part.type === 'text/plain')
  );
}

/** The values of a field that may stand more than once, as they are. */
export function rawFields(
  message: OpenMessage | undefined,
  field: 'Authentication-Results' | 'DKIM-Signature',
): readonly string[] {
  const found = message?.[`header:${field}:asRaw:all`];
  return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
}

/** How its list can be left, if it is of one. */
export function waysToLeave(message: OpenMessage): UnsubscribeWays {
  const urls = message['header:List-Unsubscribe:asURLs'];
  const post = message['header:List-Unsubscribe-Post:asText'];
  return unsubscribeWays(Array.isArray(urls) ? (urls as string[]) : null, typeof post === 'string' ? post : null);
}

/** Sent to many, or by a machine: nobody in particular wrote it (RFC 2919, RFC 3834 5). */
export function isBulk(message: OpenMessage): boolean {
  const automatic = message['header:Auto-Submitted:asText'];
  return (
    message['header:List-Id:asText'] != null ||
    message['header:List-Unsubscribe:asURLs'] != null ||
    (typeof automatic === 'string' && automatic.trim().toLowerCase() !== 'no')
  );
}

/** A list on which people talk, and not one that is only sent (RFC 2369 3.4). */
export const isDiscussion = (message: OpenMessage): boolean => message['header:List-Post:asURLs'] != null;

const maxCalendarSize = 300_000;

/** The calendar file that says what the message is about (RFC 6047 2.4). */
export function calendarOf(message: OpenMessage): EmailBodyPart | undefined {
  return message.attachments.find(
    ({ type, blobId, size }) => type.toLowerCase() === 'text/calendar' && blobId !== null && size <= maxCalendarSize,
  );
}

/** The language that the message says it is in (RFC 3282), for the reader's voice and spelling. */
export function languageOf(message: OpenMessage): string | undefined {
  const [first] = [...message.htmlBody, ...message.textBody].flatMap((part) => part.language ?? []);
  return first !== undefined && /^[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,3}$/i.test(first) ? first : undefined;
}

/** Files: what is attached and not shown in the text. `shown` are the Content-IDs that the text shows. */
export function filesOf(message: OpenMessage, shown: ReadonlySet<string>): EmailBodyPart[] {
  return message.attachments.filter((part) => part.blobId !== null && !(part.cid !== null && shown.has(part.cid)));
}
