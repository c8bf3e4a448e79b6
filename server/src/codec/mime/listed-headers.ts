/**
 * The header fields that message cards keep, and answers to HEADER.FIELDS from them. The list is what mail clients ask for
 * when they show a mailbox (Thunderbird, iOS, Roundcube, neomutt, K-9, imapflow), without Received, which is bulky: a
 * request that names a field outside the list is answered from the content.
 */
import { type BinaryString, visitFields } from './header-fields.js';

/** Lower case. */
export const listedHeaderFields: ReadonlySet<string> = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'sender',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'newsgroups',
  'followup-to',
  'priority',
  'x-priority',
  'x-msmail-priority',
  'importance',
  'content-type',
  'content-transfer-encoding',
  'mime-version',
  'list-id',
  'list-post',
  'list-unsubscribe',
  'mail-followup-to',
  'mail-reply-to',
  'disposition-notification-to',
  'return-receipt-to',
  'x-label',
  'x-spam-flag',
  'x-vaguemestre-verdict',
  'auto-submitted',
]);

/** The listed fields as they stand, each with its CRLF, in message order. */
export function listHeaders(block: BinaryString): BinaryString {
  let out = '';
  visitFields(block, (name, start, _valueStart, end) => {
    if (listedHeaderFields.has(name)) out += block.slice(start, end);
  });
  // A field at the very end of a message may lack its line end.
  return out === '' || out.endsWith('\n') ? out : `${out}\r\n`;
}

/** Whether a request for `fields` (lower case) can be answered from a card. */
export function canAnswerFromCard(fields: Iterable<string>): boolean {
  for (const field of fields) if (!listedHeaderFields.has(field)) return false;
  return true;
}
