/**
 * Whether a message may be answered automatically, and to whom (RFC 3834 2 and 4, with the habits of RFC 5230 4.5 and 4.6): a person
 * wrote to the person, by name. No answer to a null sender, a list, bulk mail, another automatic answer, a role that answers nobody, or
 * to what was only copied here. Pure and linear; what cannot be understood is not answered.
 */
import { parseAddress } from '../auth/address.js';
import { parseAddresses } from '../codec/mime/addresses.js';
import { decodeRaw } from '../codec/mime/charset.js';
import { decodeEncodedWords } from '../codec/mime/encoded-words.js';
import { bodyStartOf } from '../codec/mime/header-end.js';
import { fieldValue, toBinaryString, visitFields } from '../codec/mime/header-fields.js';
import { parseMessageIds } from '../codec/mime/message-ids.js';
import { maxEnvelopeAddresses } from '../kernel/limits.js';

export interface Answerable {
  /** Of the envelope: RFC 3834 4, an answer goes there and nowhere else. */
  readonly to: string;
  readonly subject: string;
  /** Without brackets, if there is one that can be repeated. */
  readonly messageId: string | undefined;
  /** Of the message and what it answers itself. */
  readonly references: readonly string[];
}

export type NotAnswered =
  | 'notDelivered'
  | 'nullSender'
  | 'ownAddress'
  | 'role'
  | 'automatic'
  | 'bulk'
  | 'list'
  | 'suppressed'
  | 'spam'
  | 'notToMe';

/** `prefix` is what the delivery put before the message; `own` are all addresses of the person. */
export function judgeForAnswer(
  prefix: Uint8Array,
  head: Uint8Array,
  own: ReadonlySet<string>,
  domain: string,
): Answerable | NotAnswered {
  const sender = returnPath(prefix);
  if (sender === undefined) return 'notDelivered';
  // RFC 3834 2: an answer to `<>` is an answer to a notice.
  if (sender === '') return 'nullSender';
  const from = parseAddress(sender, domain);
  if (from === undefined || !sender.includes('@')) return 'nullSender';
  if (own.has(from.address)) return 'ownAddress';
  if (isRole(from.local)) return 'role';
  return judgeHeader(head, sender, own, domain);
}

const recipientFields = new Set(['to', 'cc', 'bcc', 'resent-to', 'resent-cc', 'resent-bcc']);
/** What is repeated in an answer: a thread of a year has more. */
const maxReferences = 20;

function judgeHeader(
  head: Uint8Array,
  sender: string,
  own: ReadonlySet<string>,
  domain: string,
): Answerable | NotAnswered {
  const block = toBinaryString(head, 0, bodyStartOf(head) ?? head.length);
  let reason: NotAnswered | undefined;
  let toMe = false;
  let subject = '';
  let messageId: string | undefined;
  let references: readonly string[] = [];
  visitFields(block, (name, _start, valueStart, end) => {
    const value = fieldValue(block, valueStart, end);
    const word = value.toLowerCase();
    if (recipientFields.has(name)) toMe ||= names(value, own, domain);
    else if (name === 'subject') subject = decodeEncodedWords(value).slice(0, 300);
    else if (name === 'message-id') messageId ??= idsOf(value)[0];
    else if (name === 'references') references = idsOf(value).slice(-maxReferences);
    // RFC 3834 5: `no` is what a message without the field says; parameters may follow.
    else if (name === 'auto-submitted') reason ??= firstToken(word) === 'no' ? undefined : 'automatic';
    else if (name === 'precedence') reason ??= ['bulk', 'list', 'junk'].includes(firstToken(word)) ? 'bulk' : undefined;
    // RFC 2369, RFC 2919: List-Id, List-Post, List-Unsubscribe ...
    else if (name.startsWith('list-') || name === 'mailing-list' || name === 'x-mailing-list') reason ??= 'list';
    else if (name === 'x-auto-response-suppress')
      reason ??= /\b(all|oof|autoreply)\b/.test(word.slice(0, 200)) ? 'suppressed' : undefined;
    else if (name === 'x-spam-flag') reason ??= firstToken(word) === 'yes' ? 'spam' : undefined;
    else if (name === 'content-type') reason ??= firstToken(word) === 'multipart/report' ? 'automatic' : undefined;
  });
  if (reason !== undefined) return reason;
  if (!toMe) return 'notToMe';
  return { to: sender, subject, messageId, references: messageId ? [...references, messageId] : references };
}

/** The address of the Return-Path with which a delivery begins; '' for `<>`, undefined when the message was not delivered. */
function returnPath(prefix: Uint8Array): string | undefined {
  const head = Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const name = 'Return-Path: <';
  if (head.toString('latin1', 0, name.length) !== name) return undefined;
  const end = head.indexOf('>\r\n');
  return end < 0 ? undefined : head.toString('utf8', name.length, end);
}

function names(value: string, own: ReadonlySet<string>, domain: string): boolean {
  return parseAddresses(value, maxEnvelopeAddresses).some((item) => {
    if (item.kind !== 'mailbox' || item.domain === '') return false;
    const address = parseAddress(`${decodeRaw(item.local)}@${decodeRaw(item.domain)}`, domain);
    return address !== undefined && own.has(address.address);
  });
}

/** RFC 3834 2, RFC 5230 4.6: what writes by itself or stands for a list. */
function isRole(local: string): boolean {
  return (
    ['mailer-daemon', 'listserv', 'majordomo', 'postmaster', 'noreply', 'no-reply', 'bounce', 'bounces'].includes(
      local,
    ) ||
    local.startsWith('owner-') ||
    local.startsWith('bounce-') ||
    local.startsWith('bounces-') ||
    local.endsWith('-owner') ||
    local.endsWith('-request') ||
    local.endsWith('-bounces') ||
    local.endsWith('-noreply')
  );
}

function firstToken(value: string): string {
  let end = 0;
  while (end < value.length && !' \t;,('.includes(value[end]!)) end++;
  return value.slice(0, end);
}

/** Message ids that can be written into a header again: printable ASCII, not absurdly long. Without brackets. */
const idsOf = (value: string): string[] => parseMessageIds(value).filter((id) => id.length <= 250 && isPlain(id));

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 33 || text.charCodeAt(i) > 126) return false;
  return true;
}
