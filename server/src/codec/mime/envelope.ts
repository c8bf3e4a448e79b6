/**
 * ENVELOPE as IMAP sends it (RFC 9051 7.5.2): raw header octets, encoded words untouched. Sender and Reply-To fall back to
 * From when absent or empty. The first Date, Subject, In-Reply-To and Message-ID counts; address fields of one name
 * are one list (RFC 5322 3.6 allows one each; mail does not obey).
 *
 * An address without a domain has the empty string as host: NIL would make it the start of a group.
 */
import { maxEnvelopeAddresses } from '../../kernel/limits.js';
import { type AddressItem, parseAddresses } from './addresses.js';
import { type BinaryString, fieldValue, visitFields } from './header-fields.js';
import { imapString, nstring } from './imap-string.js';

export interface EnvelopeFields {
  readonly date: BinaryString | undefined;
  readonly subject: BinaryString | undefined;
  readonly from: readonly AddressItem[];
  readonly sender: readonly AddressItem[];
  readonly replyTo: readonly AddressItem[];
  readonly to: readonly AddressItem[];
  readonly cc: readonly AddressItem[];
  readonly bcc: readonly AddressItem[];
  readonly inReplyTo: BinaryString | undefined;
  readonly messageId: BinaryString | undefined;
  /** Not part of ENVELOPE; read in the same pass for threads (RFC 5322 3.6.4). All fields, joined. */
  readonly references: BinaryString | undefined;
}

type Mutable = {
  -readonly [K in keyof EnvelopeFields]: EnvelopeFields[K] extends readonly AddressItem[]
    ? AddressItem[]
    : EnvelopeFields[K];
};

export function readEnvelopeFields(block: BinaryString): EnvelopeFields {
  const fields: Mutable = {
    date: undefined,
    subject: undefined,
    from: [],
    sender: [],
    replyTo: [],
    to: [],
    cc: [],
    bcc: [],
    inReplyTo: undefined,
    messageId: undefined,
    references: undefined,
  };
  visitFields(block, (name, _start, valueStart, end) => {
    switch (name) {
      case 'date':
        fields.date ??= fieldValue(block, valueStart, end);
        return;
      case 'subject':
        fields.subject ??= fieldValue(block, valueStart, end);
        return;
      case 'from':
        parseAddresses(fieldValue(block, valueStart, end), maxEnvelopeAddresses, fields.from);
        return;
      case 'sender':
        parseAddresses(fieldValue(block, valueStart, end), maxEnvelopeAddresses, fields.sender);
        return;
      case 'reply-to':
        parseAddresses(fieldValue(block, valueStart, end), maxEnvelopeAddresses, fields.replyTo);
        return;
      case 'to':
        parseAddresses(fieldValue(block, valueStart, end), maxEnvelopeAddresses, fields.to);
        return;
      case 'cc':
        parseAddresses(fieldValue(block, valueStart, end), maxEnvelopeAddresses, fields.cc);
        return;
      case 'bcc':
        parseAddresses(fieldValue(block, valueStart, end), maxEnvelopeAddresses, fields.bcc);
        return;
      case 'in-reply-to':
        fields.inReplyTo ??= fieldValue(block, valueStart, end);
        return;
      case 'message-id':
        fields.messageId ??= fieldValue(block, valueStart, end);
        return;
      case 'references': {
        const value = fieldValue(block, valueStart, end);
        fields.references = fields.references === undefined ? value : `${fields.references} ${value}`;
        return;
      }
    }
  });
  return fields;
}

/** The octets of the list, without the word ENVELOPE. */
export function formatEnvelope(fields: EnvelopeFields): BinaryString {
  const from = addressList(fields.from);
  const sender = fields.sender.length === 0 ? from : addressList(fields.sender);
  const replyTo = fields.replyTo.length === 0 ? from : addressList(fields.replyTo);
  return `(${nstring(fields.date)} ${nstring(fields.subject)} ${from} ${sender} ${replyTo} ${addressList(fields.to)} ${addressList(
    fields.cc,
  )} ${addressList(fields.bcc)} ${nstring(fields.inReplyTo)} ${nstring(fields.messageId)})`;
}

function addressList(items: readonly AddressItem[]): BinaryString {
  if (items.length === 0) return 'NIL';
  let out = '(';
  for (const item of items) out += formatAddress(item);
  return `${out})`;
}

function formatAddress(item: AddressItem): BinaryString {
  switch (item.kind) {
    case 'mailbox':
      return `(${nstring(item.name)} ${nstring(item.route)} ${imapString(item.local)} ${imapString(item.domain)})`;
    case 'groupStart':
      return `(NIL NIL ${imapString(item.name)} NIL)`;
    case 'groupEnd':
      return '(NIL NIL NIL NIL)';
  }
}
