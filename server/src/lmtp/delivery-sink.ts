/**
 * From one LMTP transaction to one `Delivery`: the prefix of each recipient, the verdict of a trusted relay, and the outcome of
 * each recipient as its reply (RFC 2033 4.2). One content, whatever the number of recipients.
 */

import type { DirectoryEntry } from '../auth/authenticator.js';
import type { OriginalRecipient } from '../codec/smtp/parameters.js';
import { reply, type SmtpReply } from '../codec/smtp/reply.js';
import { deliveredToField, receivedField, returnPathField } from '../codec/smtp/trace-fields.js';
import { encodeXtext } from '../codec/smtp/xtext.js';
import type { Clock } from '../kernel/clock.js';
import type { Delivery, DeliveryOutcome, DeliveryRecipient } from '../mailstore/delivery.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import { replyOf } from '../smtp/error-replies.js';
import { HeaderHead } from '../smtp/header-head.js';
import type { MessageSink, SmtpTransaction } from '../smtp/policy.js';
import { findVerdict, type Verdict } from './verdict.js';

/** A recipient that RCPT accepted. */
export interface LmtpRecipient {
  /** As the relay wrote it. */
  readonly address: string;
  readonly entry: DirectoryEntry;
  readonly orcpt: OriginalRecipient | undefined;
}

export interface DeliverySinkOptions {
  readonly mailstore: Pick<Mailstore, 'beginDelivery'>;
  readonly clock: Clock;
  readonly hostname: string;
  readonly maxMessageBytes: number;
  /** ENVID and verdict are honoured. */
  readonly trusted: boolean;
  /** For the Received field and the log. */
  readonly id: string;
}

/** The relay puts its field on top; a header is not held back for longer than this. */
const maxHeadBytes = 64 * 1024;

export function createDeliverySink(
  transaction: SmtpTransaction<LmtpRecipient>,
  options: DeliverySinkOptions,
): MessageSink {
  // The same mailbox named twice (alias and address) gets one copy; each name gets its reply.
  const places = new Map<string, number>();
  const unique: LmtpRecipient[] = [];
  const placeOf = transaction.recipients.map((recipient) => {
    const key = `${recipient.entry.account} ${recipient.entry.detail ?? ''}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, unique.length);
    return unique.push(recipient) - 1;
  });

  const begin = (verdict: Verdict | undefined): Delivery => {
    const date = new Date(options.clock.nowMs());
    const recipients = unique.map((recipient) => deliveryRecipient(recipient, transaction, options, date, verdict));
    const { envid } = transaction.parameters;
    const { maxMessageBytes: maxBytes } = options;
    const known = options.trusted && envid !== undefined;
    return options.mailstore.beginDelivery(recipients, known ? { maxBytes, envid } : { maxBytes });
  };

  let delivery: Delivery | undefined;
  const head = options.trusted ? new HeaderHead(maxHeadBytes) : undefined;
  const beginWithHead = (gathered: HeaderHead): Promise<void> => {
    delivery = begin(findVerdict(gathered.octets));
    return delivery.write(gathered.octets);
  };
  if (head === undefined) delivery = begin(undefined);
  return {
    write: (chunk) => {
      if (delivery !== undefined) return delivery.write(chunk);
      if (head === undefined || !head.push(chunk)) return undefined;
      return beginWithHead(head);
    },
    commit: async () => {
      if (delivery === undefined && head !== undefined) await beginWithHead(head);
      const outcomes = await delivery!.commit();
      return placeOf.map((place) => outcomeReply(outcomes[place]!));
    },
    abort: () => delivery?.abort(),
  };
}

function deliveryRecipient(
  recipient: LmtpRecipient,
  transaction: SmtpTransaction<LmtpRecipient>,
  options: DeliverySinkOptions,
  date: Date,
  verdict: Verdict | undefined,
): DeliveryRecipient {
  const { client } = transaction;
  const { entry, orcpt } = recipient;
  const received = receivedField({
    helo: client.helo,
    ...(client.hostName === undefined ? {} : { hostName: client.hostName }),
    ...(client.address === undefined ? {} : { address: client.address }),
    ...(client.tls === undefined ? {} : { tls: client.tls }),
    by: options.hostname,
    withProtocol: client.withProtocol,
    id: options.id,
    for: recipient.address,
    ...(orcpt === undefined ? {} : { originalRecipient: `${orcpt.type};${encodeXtext(orcpt.address)}` }),
    date,
  });
  const prefix = Buffer.from(
    returnPathField(transaction.from.address) + deliveredToField(recipient.address) + received,
    'utf8',
  );
  return {
    account: entry.account,
    prefix,
    ...(entry.detail === undefined ? {} : { detail: entry.detail }),
    ...(verdict === 'spam' ? { junk: true } : {}),
    ...(entry.quotaBytes === undefined ? {} : { quotaBytes: entry.quotaBytes }),
  };
}

function outcomeReply(outcome: DeliveryOutcome): SmtpReply {
  switch (outcome.kind) {
    case 'stored':
      return delivered;
    case 'duplicate':
      return deliveredBefore;
    case 'refused':
      return replyOf(outcome.error);
    default:
      return outcome satisfies never;
  }
}

const delivered = reply(250, '2.1.5', 'Delivered');
const deliveredBefore = reply(250, '2.1.5', 'Delivered before');
