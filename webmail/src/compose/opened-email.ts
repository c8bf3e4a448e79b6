/** A message with all that answering, passing on or going on with it needs (RFC 8621 section 4.2). */
import type { Email } from '@vaguemestre/shared/jmap/email';
import { textFormat } from '../html/plain-text.js';
import type { JmapClient } from '../jmap/client.js';
import { decodeFlowed } from './flowed-text.js';

const properties = [
  'id',
  'blobId',
  'keywords',
  'from',
  'replyTo',
  'to',
  'cc',
  'bcc',
  'subject',
  'sentAt',
  'receivedAt',
  'messageId',
  'inReplyTo',
  'references',
  'size',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
  'header:List-Post:asURLs',
  'header:Mail-Followup-To:asAddresses',
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
  'header:Content-Type:asRaw',
] as const;

export type OpenedEmail = Pick<Email, (typeof properties)[number]>;

/** undefined: it is gone. */
export async function openEmail(
  client: JmapClient,
  id: string,
  signal?: AbortSignal,
): Promise<OpenedEmail | undefined> {
  const { list } = await client.call(
    'Email/get',
    { ids: [id], properties, bodyProperties: partProperties, fetchTextBodyValues: true, fetchHTMLBodyValues: true },
    { signal },
  ).result;
  return list[0] as OpenedEmail | undefined;
}

export interface EmailText {
  /** undefined: it has none, and `text` is what was written. */
  readonly html: string | undefined;
  readonly text: string;
}

export function textsOf(email: OpenedEmail): EmailText {
  const valueIn = (partId: string | null): string => (partId === null ? '' : (email.bodyValues[partId]?.value ?? ''));
  const html = email.htmlBody.filter(({ type }) => type === 'text/html');
  const text = email.textBody.filter(({ type }) => type.startsWith('text/'));
  return {
    html: html.length === 0 ? undefined : html.map(({ partId }) => valueIn(partId)).join('\n'),
    text: text
      .map((part) => decodeFlowed(valueIn(part.partId), textFormat(String(part['header:Content-Type:asRaw'] ?? ''))))
      .join('\n'),
  };
}
