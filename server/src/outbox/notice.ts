/**
 * Delivery status notifications (RFC 3464, in the multipart/report of RFC 6522): what the sender is told of recipients that did not
 * get the message, or did when that was asked for (RFC 3461 6). The octets follow from the submission alone: made a second time,
 * after a crash, they are the same, and the store knows the notice again.
 *
 * A notice goes from `<>`, straight to the sender's mailbox and never through the outbox: no notice of a notice can come of it.
 */
import { createHash } from 'node:crypto';
import { decodeEncodedWords } from '../codec/mime/encoded-words.js';
import { bodyStartOf } from '../codec/mime/header-end.js';
import { type BinaryString, fieldValue, toBinaryString, visitFields } from '../codec/mime/header-fields.js';
import { addressesField, textField } from '../codec/mime/header-writer.js';
import { mailDate } from '../codec/smtp/trace-fields.js';
import type { RecipientDocument, SubmissionDocument } from '../database/submissions.js';
import { submissionId } from '../database/submissions.js';
import { noticeText, statusOf } from './notice-text.js';

export interface Notice {
  /** Of this notice, the same whenever it is made. */
  readonly id: string;
  readonly octets: AsyncIterable<Uint8Array>;
}

/** What is quoted of the header: enough for any mail program to find the message by. */
const maxQuotedHeaderBytes = 64 * 1024;
/** RFC 3461 4.3: the whole message goes back when the sender asked for it; nobody asked for two mailboxes full of it. */
const maxReturnedBytes = 5 * 1024 * 1024;

/** `original` is read when the notice is; recipients to tell of are those of `submission` with `tell`. */
export function makeNotice(
  submission: SubmissionDocument,
  original: () => AsyncIterable<Uint8Array>,
  hostname: string,
): Notice {
  const told = submission.rcpt.filter(({ tell }) => tell !== undefined);
  const date = new Date(Math.max(...told.map(({ at }) => at?.getTime() ?? 0)));
  const digest = createHash('sha256').update(submission._id);
  for (const { address, tell } of told) digest.update(`\n${tell} ${address}`);
  const id = `notice-${digest.digest('hex').slice(0, 24)}`;
  return { id, octets: noticeOctets(submission, told, { original, hostname, date, id }) };
}

interface Particulars {
  readonly original: () => AsyncIterable<Uint8Array>;
  readonly hostname: string;
  readonly date: Date;
  readonly id: string;
}

async function* noticeOctets(
  submission: SubmissionDocument,
  told: readonly RecipientDocument[],
  { original, hostname, date, id }: Particulars,
): AsyncIterable<Uint8Array> {
  const header = await headerOf(original());
  const { subject, messageId } = titleOf(header);
  const words = noticeText(submission.lang, told, subject);
  const boundary = `=_${id}`;
  const failed = told.some(({ tell }) => tell === 'failed');
  const whole = failed && submission.envelope.ret === 'full' && submission.size <= maxReturnedBytes;
  yield Buffer.from(
    [
      field(addressesField('From', [{ name: words.from, email: `mailer-daemon@${hostname}` }])),
      field(addressesField('To', [{ name: null, email: submission.envelope.from }])),
      field(textField('Subject', words.subject)),
      `Date: ${mailDate(date)}`,
      `Message-ID: <${id}@${hostname}>`,
      // The answer lies beside what it answers.
      ...(messageId === undefined ? [] : [`In-Reply-To: ${messageId}`, `References: ${messageId}`]),
      // RFC 3834 5: no vacation answers this.
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
      ...perMessage(submission, hostname),
      ...told.flatMap(perRecipient),
      '',
      `--${boundary}`,
      whole ? 'Content-Type: message/rfc822' : 'Content-Type: text/rfc822-headers',
      'Content-Transfer-Encoding: 8bit',
      '',
      '',
    ].join('\r\n'),
  );
  if (whole) yield* original();
  else yield Buffer.from(header, 'latin1');
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

/** Without its line end. */
const field = (text: string): string => text.slice(0, -2);

/** RFC 3464 2.2. */
function perMessage(submission: SubmissionDocument, hostname: string): readonly string[] {
  const { envid } = submission.envelope;
  return [
    `Reporting-MTA: dns; ${hostname}`,
    ...(envid === undefined ? [] : [`Original-Envelope-Id: ${oneLine(envid)}`]),
    `Arrival-Date: ${mailDate(submission.created)}`,
    `X-Vaguemestre-Submission: ${submissionId(submission)}`,
  ];
}

/** RFC 3464 2.3. */
function perRecipient({ address, orcpt, tell, reply = '', at }: RecipientDocument): readonly string[] {
  return [
    '',
    ...(orcpt === undefined ? [] : [`Original-Recipient: ${oneLine(orcpt)}`]),
    `Final-Recipient: ${typedAddress(address)}`,
    `Action: ${tell === 'failed' ? 'failed' : 'delivered'}`,
    `Status: ${failureStatus(reply, tell)}`,
    ...(tell === 'failed' ? [`Diagnostic-Code: smtp; ${oneLine(reply)}`] : []),
    ...(at === undefined ? [] : [`Last-Attempt-Date: ${mailDate(at)}`]),
  ];
}

/** RFC 3464 2.3.4: the status of something that failed for good has class 5, also when every try was told 4. */
function failureStatus(reply: string, tell: RecipientDocument['tell']): string {
  const status = statusOf(reply);
  return tell === 'failed' && status.startsWith('4') ? `5${status.slice(1)}` : status;
}

/** RFC 6533 3: beyond ASCII the type is `utf-8`, and what is not printable ASCII is written `\x{HEX}`. */
function typedAddress(address: string): string {
  let written = '';
  let ascii = true;
  for (const character of address) {
    const code = character.codePointAt(0)!;
    if (code > 126) ascii = false;
    written += code > 32 && code < 127 && character !== '\\' ? character : `\\x{${code.toString(16).toUpperCase()}}`;
  }
  return ascii ? `rfc822; ${oneLine(address)}` : `utf-8; ${written}`;
}

function oneLine(text: string): string {
  let clean = '';
  for (const character of text.slice(0, 900)) clean += character >= ' ' && character < '\x7f' ? character : '?';
  return clean;
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
