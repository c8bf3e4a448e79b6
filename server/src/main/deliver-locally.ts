/**
 * Where mail of the outbox goes while no relay runs: people of the laboratory get it at once, into their mailboxes; whoever is
 * elsewhere waits. The id of a submission is its ENVID, so that a mailbox that has the message already does not get it again
 * (store design 2.5). Nothing is forwarded, so no message can come back to where it was.
 */
import { normaliseDomain, parseAddress } from '../auth/address.js';
import type { Directory, DirectoryEntry } from '../auth/authenticator.js';
import { deliveredToField, receivedField, returnPathField } from '../codec/smtp/trace-fields.js';
import { encodeXtext } from '../codec/smtp/xtext.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { DeliveryOutcome, DeliveryRecipient } from '../mailstore/delivery.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { Deliver, OutgoingMessage, RecipientOutcome } from '../outbox/deliver.js';
import { replyOf } from '../smtp/error-replies.js';

export interface LocalDeliveryParts {
  readonly mailstore: Pick<Mailstore, 'beginDelivery'>;
  readonly directory: Directory;
  /** The laboratory's mail domain. */
  readonly domain: string;
  readonly hostname: string;
  readonly clock: Clock;
}

/** Trace fields and notices make a message a little longer than its sender was allowed. */
const maxBytes = Number.MAX_SAFE_INTEGER;

export function deliverLocally(parts: LocalDeliveryParts): Deliver {
  return async (message) => {
    const places = await placesOf(parts, message);
    // The same mailbox named twice gets one copy.
    const mailboxes = new Map<string, DeliveryRecipient>();
    for (const [i, place] of places.entries()) {
      if ('kind' in place) continue;
      const key = mailboxKey(place);
      if (!mailboxes.has(key)) mailboxes.set(key, deliveryRecipient(parts, message, i, place));
    }
    const outcomes = await deliver(parts, message, mailboxes);
    return places.map((place) => ('kind' in place ? place : outcomes.get(mailboxKey(place))!));
  };
}

const mailboxKey = ({ account, detail }: DirectoryEntry): string => `${account} ${detail ?? ''}`;

/** A message to a thousand must not ask a thousand questions in one breath. */
const lookUpsAtOnce = 16;

async function placesOf(
  parts: LocalDeliveryParts,
  { recipients }: OutgoingMessage,
): Promise<readonly (DirectoryEntry | RecipientOutcome)[]> {
  const places: (DirectoryEntry | RecipientOutcome)[] = [];
  for (let i = 0; i < recipients.length; i += lookUpsAtOnce) {
    const some = recipients.slice(i, i + lookUpsAtOnce);
    places.push(...(await Promise.all(some.map(({ address }) => placeOf(parts, address)))));
  }
  return places;
}

async function placeOf(
  { directory, domain }: LocalDeliveryParts,
  address: string,
): Promise<DirectoryEntry | RecipientOutcome> {
  const entry = await directory.resolve(address);
  if (entry !== undefined) return entry;
  if (parseAddress(address, domain)?.domain === normaliseDomain(domain))
    return { kind: 'failed', reply: '550 5.1.1 No such person here' };
  return { kind: 'held', reply: '450 4.4.1 Mail does not leave the laboratory yet; it is kept until it can' };
}

async function deliver(
  { mailstore }: LocalDeliveryParts,
  message: OutgoingMessage,
  mailboxes: ReadonlyMap<string, DeliveryRecipient>,
): Promise<ReadonlyMap<string, RecipientOutcome>> {
  const keys = [...mailboxes.keys()];
  if (keys.length === 0) return new Map();
  const delivery = mailstore.beginDelivery([...mailboxes.values()], { maxBytes, envid: `out-${message.id}` });
  try {
    for await (const octets of message.octets) await delivery.write(octets);
  } catch (error) {
    delivery.abort();
    throw error;
  }
  try {
    const outcomes = await delivery.commit();
    return new Map(keys.map((key, i) => [key, outcomeOf(outcomes[i]!)]));
  } catch (error) {
    // Nothing is known of any of them: some may have it.
    const refused: DeliveryOutcome = { kind: 'refused', error: asRefusal(error) };
    return new Map(keys.map((key) => [key, outcomeOf(refused)]));
  }
}

function outcomeOf(outcome: DeliveryOutcome): RecipientOutcome {
  switch (outcome.kind) {
    case 'stored':
    case 'duplicate':
      return { kind: 'sent', reply: '250 2.1.5 Delivered' };
    case 'refused': {
      const { code, enhanced, text } = replyOf(outcome.error);
      const reply = `${code} ${enhanced} ${typeof text === 'string' ? text : text.join(' ')}`;
      if (code >= 500) return { kind: 'failed', reply };
      // A full mailbox has said no; a store that is away, or a fault of ours, has said nothing.
      return { kind: 'later', reply, doubt: outcome.error.code !== 'overQuota' };
    }
    default:
      return outcome satisfies never;
  }
}

function asRefusal(error: unknown): MailError {
  if (error instanceof MailError) return error;
  return new MailError('internal', 'The message could not be stored', { cause: error, temporary: true });
}

function deliveryRecipient(
  { hostname, clock }: LocalDeliveryParts,
  message: OutgoingMessage,
  index: number,
  entry: DirectoryEntry,
): DeliveryRecipient {
  const { address, orcpt } = message.recipients[index]!;
  const received = receivedField({
    helo: hostname,
    by: hostname,
    withProtocol: message.via,
    id: message.id,
    for: address,
    ...(orcpt === undefined ? {} : { originalRecipient: encodeXtext(Buffer.from(orcpt).toString('latin1')) }),
    date: new Date(clock.nowMs()),
  });
  return {
    account: entry.account,
    prefix: Buffer.from(returnPathField(message.from) + deliveredToField(address) + received, 'utf8'),
    ...(entry.detail === undefined ? {} : { detail: entry.detail }),
    ...(entry.quotaBytes === undefined ? {} : { quotaBytes: entry.quotaBytes }),
  };
}
