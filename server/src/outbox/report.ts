/**
 * The frame of a delivery status notification: a multipart/report (RFC 6522) of the words for people, the status for machines (RFC
 * 3464), and the message or its header. It goes from `<>`, and no vacation answers it (RFC 3834 5).
 */
import { decodeEncodedWords } from '../codec/mime/encoded-words.js';
import { bodyStartOf } from '../codec/mime/header-end.js';
import { type BinaryString, fieldValue, toBinaryString, visitFields } from '../codec/mime/header-fields.js';
import { addressesField, textField } from '../codec/mime/header-writer.js';
import { oneLine } from '../codec/smtp/delivery-status.js';
import { mailDate } from '../codec/smtp/trace-fields.js';

export interface Report {
  /** In the Message-ID. */
  readonly id: string;
  readonly hostname: string;
  readonly date: Date;
  readonly to: string;
  readonly words: { readonly from: string; readonly subject: string; readonly body: string };
  readonly envid: string | undefined;
  readonly arrived: Date;
  /** Further fields of the message's own group. */
  readonly more: readonly string[];
  readonly recipients: readonly (readonly string[])[];
  readonly quoted: QuotedHeader;
  /** The message goes back as a whole. */
  readonly whole: boolean;
  readonly original: () => AsyncIterable<Uint8Array>;
}

export interface QuotedHeader {
  readonly header: BinaryString;
  /** As part of a sentence. */
  readonly subject: string;
  readonly messageId: string | undefined;
}

/** What is quoted of the header: enough for any mail program to find the message by. */
const maxQuotedHeaderBytes = 64 * 1024;

export async function* reportOctets(report: Report): AsyncIterable<Uint8Array> {
  const { id, hostname, words, quoted, envid } = report;
  const boundary = `=_${id}`;
  const { messageId } = quoted;
  yield Buffer.from(
    [
      field(addressesField('From', [{ name: words.from, email: `mailer-daemon@${hostname}` }])),
      field(addressesField('To', [{ name: null, email: report.to }])),
      field(textField('Subject', words.subject)),
      `Date: ${mailDate(report.date)}`,
      `Message-ID: <${id}@${hostname}>`,
      // The answer lies beside what it answers.
      ...(messageId === undefined ? [] : [`In-Reply-To: ${messageId}`, `References: ${messageId}`]),
      'Auto-Submitted: auto-replied',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status;',
      `\tboundary="${boundary}"`,
      '',
      `--${boundary}`,
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      words.body,
      `--${boundary}`,
      'Content-Type: message/delivery-status',
      '',
      // RFC 3464 2.2.
      `Reporting-MTA: dns; ${hostname}`,
      ...(envid === undefined ? [] : [`Original-Envelope-Id: ${oneLine(envid)}`]),
      `Arrival-Date: ${mailDate(report.arrived)}`,
      ...report.more,
      ...report.recipients.flat(),
      '',
      `--${boundary}`,
      report.whole ? 'Content-Type: message/rfc822' : 'Content-Type: text/rfc822-headers',
      'Content-Transfer-Encoding: 8bit',
      '',
      '',
    ].join('\r\n'),
  );
  if (report.whole) yield* report.original();
  else yield Buffer.from(quoted.header, 'latin1');
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

/** Without its line end. */
const field = (text: string): string => text.slice(0, -2);

/** Of the message that begins with these octets. */
export async function quotedHeader(octets: AsyncIterable<Uint8Array>): Promise<QuotedHeader> {
  const header = await headerOf(octets);
  return { header, ...titleOf(header) };
}

/** The header with its last CRLF, without the empty line; cut behind a whole line when it is very long. */
async function headerOf(octets: AsyncIterable<Uint8Array>): Promise<BinaryString> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of octets) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxQuotedHeaderBytes) break;
  }
  const head = Buffer.concat(chunks).subarray(0, maxQuotedHeaderBytes);
  const end = bodyStartOf(head);
  if (end !== undefined) return toBinaryString(head, 0, end).trimEnd().concat('\r\n');
  return toBinaryString(head, 0, head.lastIndexOf(10) + 1);
}

function titleOf(header: BinaryString): { readonly subject: string; readonly messageId: string | undefined } {
  let subject = '';
  let messageId: string | undefined;
  visitFields(header, (name, _start, valueStart, end) => {
    if (name === 'subject') subject = shown(decodeEncodedWords(fieldValue(header, valueStart, end)));
    if (name !== 'message-id') return;
    const value = fieldValue(header, valueStart, end);
    if (value.startsWith('<') && value.endsWith('>') && value.length < 500 && oneLine(value) === value)
      messageId = value;
  });
  return { subject, messageId };
}

/** As part of a sentence: short, one line. */
function shown(text: string): string {
  let clean = '';
  for (const character of text.slice(0, 200)) clean += character < ' ' || character === '\x7f' ? ' ' : character;
  return clean.trim();
}
