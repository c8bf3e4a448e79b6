/**
 * The header of a message that goes out, from the one that its sender keeps: without what recipients must not see or what
 * delivery writes itself, and with what RFC 5322 3.6 demands and the sender left out (RFC 6409 8 lets a submission server add
 * both). Everything else stays octet for octet.
 */
import { mailDate } from '../smtp/trace-fields.js';
import { type BinaryString, visitFields } from './header-fields.js';

/** Bcc: RFC 5322 3.6.3. Return-Path: RFC 5321 4.4, written at final delivery only. */
const dropped: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'return-path']);

/** `head` begins with the header and may go on behind the empty line. */
export function outgoingHeader(
  head: BinaryString,
  missing: { readonly date: Date; readonly messageId: string },
): BinaryString {
  let kept = '';
  let from = 0;
  let dated = false;
  let named = false;
  visitFields(head, (name, start, _valueStart, end) => {
    if (dropped.has(name)) {
      kept += head.slice(from, start);
      from = end;
    } else if (name === 'date') dated = true;
    else if (name === 'message-id') named = true;
  });
  const added =
    (dated ? '' : `Date: ${mailDate(missing.date)}\r\n`) + (named ? '' : `Message-ID: <${missing.messageId}>\r\n`);
  return added + kept + head.slice(from);
}
