/** A message with what reading it needs (RFC 8621 4.2), and which of its parts are shown and which are files. */
import type { Email, EmailBodyPart, EmailGetArguments } from '@vaguemestre/shared/jmap/email';
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

/** The language that the message says it is in (RFC 3282), for the reader's voice and spelling. */
export function languageOf(message: OpenMessage): string | undefined {
  const [first] = [...message.htmlBody, ...message.textBody].flatMap((part) => part.language ?? []);
  return first !== undefined && /^[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,3}$/i.test(first) ? first : undefined;
}

/** Files: what is attached and not shown in the text. `shown` are the Content-IDs that the text shows. */
export function filesOf(message: OpenMessage, shown: ReadonlySet<string>): EmailBodyPart[] {
  return message.attachments.filter((part) => part.blobId !== null && !(part.cid !== null && shown.has(part.cid)));
}
