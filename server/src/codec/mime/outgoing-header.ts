/**
 * The header of a message that goes out, from the one that its sender keeps: without what recipients must not see or what
 * delivery writes itself, and with what RFC 5322 3.6 demands and the sender left out (RFC 6409 8 lets a submission server add
 * both). Everything else stays octet for octet, and trace fields stay on top (RFC 5322 3.6: they are kept in blocks before the
 * rest; RFC 5321 4.4: a Received field is prepended).
 */
import { mailDate } from '../smtp/trace-fields.js';
import { type BinaryString, visitFields } from './header-fields.js';

/** Bcc: RFC 5322 3.6.3. Return-Path: RFC 5321 4.4, written at final delivery only. */
const dropped: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'return-path']);

/** RFC 5321 4.4; Delivered-To is written beside them. */
const trace: ReadonlySet<string> = new Set(['received', 'return-path', 'delivered-to']);

/** `head` begins with the header and may go on behind the empty line. */
export function outgoingHeader(
  head: BinaryString,
  missing: { readonly date: Date; readonly messageId: string },
): BinaryString {
  let kept = '';
  let from = 0;
  let dated = false;
  let named = false;
  /** Where the trace fields end, in what is kept. */
  let top = 0;
  let tracing = true;
  visitFields(head, (name, start, _valueStart, end) => {
    if (dropped.has(name)) {
      kept += head.slice(from, start);
      from = end;
    } else if (name === 'date') dated = true;
    else if (name === 'message-id') named = true;
    tracing &&= trace.has(name);
    if (tracing) top = kept.length + end - from;
  });
  kept += head.slice(from);
  const added =
    (dated ? '' : `Date: ${mailDate(missing.date)}\r\n`) + (named ? '' : `Message-ID: <${missing.messageId}>\r\n`);
  return kept.slice(0, top) + added + kept.slice(top);
}
