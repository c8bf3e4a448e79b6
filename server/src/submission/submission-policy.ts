/**
 * Who may hand in mail, as whom, to whom. The person is judged by the access policy at AUTH, where the password becomes a person,
 * again before each message, by the gate that the webmail asks too, and every few seconds while connected.
 */

import { normaliseDomain, parseAddress } from '../auth/address.js';
import type { Admissions } from '../auth/admissions.js';
import type { Authenticator, Directory, Principal } from '../auth/authenticator.js';
import type { ConnectionPlaces } from '../auth/connection-places.js';
import { refusalText } from '../auth/refusal-texts.js';
import type { ScramAuthenticator } from '../auth/scram-authenticator.js';
import type { SenderPerson, Senders } from '../auth/senders.js';
import type { PlainCredentials } from '../codec/sasl/plain.js';
import type { Hold } from '../codec/smtp/parameters.js';
import { reply } from '../codec/smtp/reply.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import { maxDelayedSendSeconds } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import type { Connection } from '../net/connection.js';
import type { Correspondents } from '../outbox/correspondents.js';
import type { Outbox } from '../outbox/outbox.js';
import type { NewRecipient } from '../outbox/submission.js';
import { SmtpRefusal } from '../smtp/error-replies.js';
import type { SmtpPolicy } from '../smtp/policy.js';
import { createSubmissionSink } from './submission-sink.js';

export interface SubmissionPolicyOptions {
  readonly authenticator: Authenticator;
  /** Undefined: SCRAM is not offered. */
  readonly scram?: ScramAuthenticator | undefined;
  readonly senders: Senders;
  readonly admissions: Admissions;
  readonly directory: Directory;
  readonly places: ConnectionPlaces;
  readonly outbox: Pick<Outbox, 'submit'>;
  readonly correspondents: Correspondents;
  /** In the greeting and the Received field. */
  readonly hostname: string;
  /** The laboratory's mail domain. */
  readonly domain: string;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

export function createSubmissionPolicy(
  connection: Connection,
  options: SubmissionPolicyOptions,
  legacy: boolean,
): { readonly policy: SmtpPolicy<NewRecipient>; over(): void } {
  const { peer } = connection;
  const leaving: (() => void)[] = [];
  let principal: Principal | undefined;
  let sender: SenderPerson | undefined;
  let notBeforeMs = 0;
  let transactions = 0;

  const way = () => ({ protocol: 'submission', peer, secure: connection.secure, ...(legacy && { legacy }) }) as const;

  const enter = async (found: Principal): Promise<void> => {
    const release = await options.places.take(found.account);
    if (release === undefined) {
      throw new MailError('limit', 'Too many connections for this account; close some other program', {
        temporary: true,
      });
    }
    leaving.push(release);
    leaving.push(
      options.admissions.watch({ ...way(), account: found.account, app: found.app }, () => {
        connection.write('421 4.7.0 You may not stay\r\n');
        connection.end();
      }),
    );
    principal = found;
  };

  const policy: SmtpPolicy<NewRecipient> = {
    // RFC 8314 3.3, RFC 4954 4: a password in clear stays on the machine or it is not asked for. LOGIN: old programs know no other.
    mechanisms: () =>
      connection.secure || peer.local ? ['PLAIN', 'LOGIN', ...(options.scram?.mechanisms(connection) ?? [])] : [],
    async login({ authorize, ...secret }: PlainCredentials) {
      const authorized = authorize === '' ? {} : { authorize };
      await enter(await options.authenticator.login({ ...way(), ...secret, ...authorized }));
    },
    async scram(mechanism, ask) {
      const found = await options.scram?.login({ mechanism, connection, protocol: 'submission', legacy }, ask);
      if (found === undefined) throw new MailError('cannot', 'This mechanism is not offered');
      await enter(found);
    },
    trusted: false,
    async mail(_client, from, { hold }) {
      if (principal === undefined) throw new SmtpRefusal(reply(530, '5.7.0', 'Authentication required'));
      const [person, refusal] = await Promise.all([
        options.senders.of(principal.account),
        options.senders.refusal(principal.account, peer),
      ]);
      if (person === undefined || refusal !== undefined) {
        throw new SmtpRefusal(reply(550, '5.7.1', refusalText(refusal ?? 'notAllowed', principal.lang)));
      }
      // RFC 6409 6.1. Empty: a read receipt (RFC 8098 2.1); its author is checked in the header like any other's.
      if (from.address !== '' && !person.owns(from.address)) throw new SmtpRefusal(notYours(from.address));
      notBeforeMs = releaseMs(hold, options.clock.nowMs());
      sender = person;
    },
    async rcpt(to, { orcpt, notify }) {
      const address = await deliverable(to.address, options);
      return {
        address,
        ...(orcpt && { orcpt: `${orcpt.type};${orcpt.address}` }),
        ...(notify && { notify }),
      };
    },
    async data(transaction) {
      if (principal === undefined || sender === undefined) throw new Error('a message without its sender');
      return createSubmissionSink(transaction, {
        ...options,
        account: principal.account,
        sender,
        notBeforeMs,
        id: `${connection.id}.${(++transactions).toString(36)}`,
      });
    },
  };
  return {
    policy,
    over: () => {
      for (const leave of leaving) leave();
    },
  };
}

const notYours = (address: string) =>
  reply(550, '5.7.1', `${address.slice(0, 200)} is not an address of yours; send as yourself`);

/** RFC 6409 6.4: what is known to fail is refused while somebody looks at the screen. */
async function deliverable(address: string, { directory, domain }: SubmissionPolicyOptions): Promise<string> {
  const parsed = parseAddress(address, domain);
  if (parsed === undefined || parsed.domain !== normaliseDomain(domain)) {
    if (!address.includes('@')) throw new SmtpRefusal(reply(553, '5.1.3', 'The address needs a domain'));
    return address;
  }
  if ((await directory.resolve(address)) === undefined) throw new MailError('nonexistent', 'No such person here');
  return address.includes('@') ? address : `${address}@${domain}`;
}

/** RFC 4865 4: a time that has passed is now. */
function releaseMs(hold: Hold | undefined, nowMs: number): number {
  if (hold === undefined) return nowMs;
  const untilMs = 'seconds' in hold ? nowMs + hold.seconds * 1000 : hold.untilMs;
  if (untilMs - nowMs > maxDelayedSendSeconds * 1000) {
    throw new SmtpRefusal(reply(501, '5.5.4', `A message is held for at most ${maxDelayedSendSeconds} seconds`));
  }
  return Math.max(nowMs, untilMs);
}
