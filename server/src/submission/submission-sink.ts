/**
 * One message on its way from the client into the outbox: the header is looked at when it is whole, before the rest comes, and
 * must name the sender as its author (RFC 6409 6.1, 8.1); a Received field goes before it (RFC 5321 4.4). Octets stream through
 * at the pace of the store; 250 comes after they are durable.
 */
import type { SenderPerson } from '../auth/senders.js';
import { reply } from '../codec/smtp/reply.js';
import { receivedField } from '../codec/smtp/trace-fields.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { maxHeaderBytes } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import { type Correspondents, noteWritten } from '../outbox/correspondents.js';
import { identityIdOf } from '../outbox/identities.js';
import { messageParties } from '../outbox/message-parties.js';
import type { Outbox } from '../outbox/outbox.js';
import type { NewRecipient } from '../outbox/submission.js';
import { SmtpRefusal } from '../smtp/error-replies.js';
import { HeaderHead } from '../smtp/header-head.js';
import type { MessageSink, SmtpTransaction } from '../smtp/policy.js';
import { createPipe } from './pipe.js';

export interface SubmissionSinkOptions {
  readonly outbox: Pick<Outbox, 'submit'>;
  readonly correspondents: Correspondents;
  readonly account: AccountId;
  readonly sender: SenderPerson;
  readonly notBeforeMs: number;
  readonly hostname: string;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** For the Received field and the log. */
  readonly id: string;
}

/** The Received field, a Date and a Message-ID may be added. */
const headroomBytes = 4096;

export function createSubmissionSink(
  transaction: SmtpTransaction<NewRecipient>,
  options: SubmissionSinkOptions,
): MessageSink {
  const pipe = createPipe();
  const head = new HeaderHead(maxHeaderBytes);
  let begun: ReturnType<Outbox['submit']> | undefined;

  const begin = (): Promise<void> => {
    const { octets } = head;
    checkAuthors(octets, options.sender);
    begun = submit(transaction, options, pipe.octets);
    // Its failure is heard by whoever writes next, and by `commit`.
    begun.catch((error: unknown) => pipe.fail(error));
    return pipe.write(Buffer.concat([receivedFrom(transaction, options), octets]));
  };

  return {
    write(chunk) {
      if (begun !== undefined) return pipe.write(chunk);
      if (!head.push(chunk)) return undefined;
      if (!head.ended) throw new MailError('invalid', 'The header of the message does not end');
      return begin();
    },
    async commit() {
      if (begun === undefined) await begin();
      pipe.end();
      const { id } = await begun!;
      const { to } = messageParties(head.octets);
      await noteWritten(options.correspondents, options.account, to, transaction.recipients, options.log);
      return [reply(250, '2.0.0', `Queued as ${id}`)];
    },
    abort: () => pipe.fail(new MailError('closed', 'The message was given up')),
  };
}

async function submit(
  { from, parameters, recipients }: SmtpTransaction<NewRecipient>,
  { outbox, account, sender, notBeforeMs, maxMessageBytes }: SubmissionSinkOptions,
  octets: AsyncIterable<Uint8Array>,
): ReturnType<Outbox['submit']> {
  const { envid, ret, sizeBytes } = parameters;
  const [main = ''] = sender.addresses;
  try {
    return await outbox.submit(
      {
        account,
        emailId: '',
        threadId: '',
        identityId: identityIdOf(sender.addresses.find((one) => one === from.address.toLowerCase()) ?? main),
        envelope: { from: from.address, ...(envid !== undefined && { envid }), ...(ret && { ret }) },
        // RFC 5321 2.4: domains have no case; twice the same person gets one copy.
        recipients: [...new Map(recipients.map((one) => [one.address.toLowerCase(), one])).values()],
        notBeforeMs,
        lang: sender.lang,
      },
      { octets, size: sizeBytes ?? 0, maxBytes: maxMessageBytes + headroomBytes },
    );
  } catch (error) {
    // Tomorrow it may go: the program keeps it (RFC 6409 6.1).
    if (error instanceof MailError && error.code === 'limit') throw new SmtpRefusal(reply(452, '4.7.1', error.public));
    throw error;
  }
}

/** The same rule as in the webmail: every author and the sender are addresses of the person. */
function checkAuthors(head: Buffer, person: SenderPerson): void {
  const { from, sender } = messageParties(head);
  if (from.length === 0) throw new SmtpRefusal(reply(554, '5.6.0', 'The message has no From'));
  const foreign = [...from, ...sender].find(({ address }) => !person.owns(address));
  if (foreign === undefined) return;
  const address = ascii(foreign.address.slice(0, 200));
  throw new SmtpRefusal(
    reply(550, '5.7.1', `The message says it is from ${address}, which is not an address of yours`),
  );
}

/** Replies are ASCII (RFC 5321 4.2), and nothing of a message may end one. */
const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?');

function receivedFrom({ client }: SmtpTransaction<NewRecipient>, options: SubmissionSinkOptions): Buffer {
  const field = receivedField({
    helo: client.helo,
    ...(client.address === undefined ? {} : { address: client.address }),
    ...(client.tls === undefined ? {} : { tls: client.tls }),
    by: options.hostname,
    withProtocol: client.withProtocol,
    id: options.id,
    date: new Date(options.clock.nowMs()),
  });
  return Buffer.from(field, 'utf8');
}
