/**
 * USER and PASS, AUTH (RFC 5034) by PLAIN (RFC 4616) and SCRAM (RFC 5802, 7677): a password becomes an open maildrop. A refusal for a wrong name and for a wrong
 * password is the same to the last octet, and the only one with [AUTH]; a person who may not use this door is told, by the
 * authenticator's own text, which one to use.
 */
import type { Principal } from '../../auth/authenticator.js';
import type { Pop3Command } from '../../codec/pop3/command.js';
import { decodeBase64 } from '../../codec/sasl/base64.js';
import { type PlainCredentials, parsePlain } from '../../codec/sasl/plain.js';
import { MailError } from '../../kernel/errors.js';
import { maxAuthFailuresPerConnection, maxPop3SaslLineBytes } from '../../kernel/limits.js';
import { openMaildrop } from '../maildrop.js';
import {
  endPop3Session,
  mechanismsOf,
  type Outcome,
  ok,
  type Pop3Session,
  passwordWay,
  refuse,
  refuseFor,
  refuseIn,
} from '../session.js';
import { say } from '../words.js';

export async function user(session: Pop3Session, name: string): Promise<Outcome> {
  const { connection, services } = session;
  const way = passwordWay(session);
  if (way === 'closed') return refuseIn(session, 'startTls', 'SYS/PERM');
  // Before the password travels; who does not exist is told the same (contract, Listeners).
  if (way === 'byPerson' && !(await services.clearDoor.opens(name, connection.peer))) {
    return refuseIn(session, 'startTls', 'SYS/PERM');
  }
  session.state = { kind: 'authorization', user: name };
  return ok(session, say('password', session.lang));
}

export async function pass(session: Pop3Session, name: string | undefined, password: Buffer): Promise<Outcome> {
  if (name === undefined) return refuseIn(session, 'userFirst');
  // RFC 1939 7: after a refusal the client may only say USER again, or QUIT.
  session.state = { kind: 'authorization', user: undefined };
  return logIn(session, byPassword(session, { authorize: '', identity: name, password }));
}

/** RFC 1939 7 APOP needs the password itself in the store. */
export const apop = (session: Pop3Session): Outcome => refuseIn(session, 'apop');

export async function auth(session: Pop3Session, command: Extract<Pop3Command, { kind: 'auth' }>): Promise<Outcome> {
  const open = passwordWay(session) === 'open';
  const { connection, legacy } = session;
  // Not of RFC 5034: old programs ask so for the list.
  if (command.mechanism === undefined) {
    return ok(
      session,
      `${say('mechanisms', session.lang)}\r\n${open ? `${mechanismsOf(session).join('\r\n')}\r\n` : ''}.`,
    );
  }
  const { scram } = session.services;
  const mechanism = scram?.mechanisms(connection).find((one) => one === command.mechanism);
  if (mechanism === undefined && command.mechanism !== 'PLAIN') return refuseIn(session, 'mechanism');
  if (!open) return refuseIn(session, 'startTls', 'SYS/PERM');
  let { initial } = command;
  const ask = async (text: Uint8Array): Promise<Uint8Array> => {
    const given = initial;
    initial = undefined;
    const response = given ?? (await challenge(session, text));
    // RFC 5034 4: `*` gives up.
    if (response === '*') throw new MailError('cannot', say('cancelled', session.lang));
    const octets = response === undefined ? undefined : decodeBase64(Buffer.from(response, 'latin1'));
    if (octets === undefined) throw new MailError('invalid', say('malformed', session.lang));
    return octets;
  };
  if (scram !== undefined && mechanism !== undefined) {
    return logIn(session, () => scram.login({ mechanism, connection, protocol: 'pop3', legacy }, ask));
  }
  return logIn(session, async () => {
    const credentials = parsePlain(await ask(new Uint8Array()));
    if (credentials === undefined) throw new MailError('invalid', say('malformed', session.lang));
    return byPassword(session, credentials)();
  });
}

/** A challenge and its answer; undefined when it is too long. */
async function challenge({ connection }: Pop3Session, text: Uint8Array): Promise<string | undefined> {
  connection.write(`+ ${Buffer.from(text).toString('base64')}\r\n`);
  const line = await connection.readLine(maxPop3SaslLineBytes);
  if (line.kind === 'end') throw new MailError('closed', 'Connection closed');
  return line.kind === 'line' ? line.bytes.toString('latin1') : undefined;
}

const byPassword =
  ({ connection, services, legacy }: Pop3Session, { authorize, ...secret }: PlainCredentials) =>
  (): Promise<Principal> => {
    const { peer, secure } = connection;
    const way = { protocol: 'pop3', peer, secure, ...(legacy && { legacy }) } as const;
    return services.authenticator.login({ ...way, ...secret, ...(authorize !== '' && { authorize }) });
  };

/** `prove` is what the mechanism has to do to tell who it is. */
async function logIn(session: Pop3Session, prove: () => Promise<Principal>): Promise<Outcome> {
  const { connection, services, legacy } = session;
  const { peer, secure } = connection;
  let release: (() => void) | undefined;
  try {
    const way = { protocol: 'pop3', peer, secure, ...(legacy && { legacy }) } as const;
    const principal = await prove();
    release = await services.locks.take(principal.account);
    await services.tellNotices?.(principal);
    const maildrop = await openInbox(session, principal);
    const forget = services.admissions.watch({ ...way, account: principal.account, app: principal.app }, (reason) => {
      session.log.info(
        { account: principal.account, reason: reason.code },
        'a session ends because the person may not stay',
      );
      endPop3Session(session);
    });
    const give = release;
    session.leave = () => {
      forget();
      give();
    };
    session.state = { kind: 'transaction', principal, maildrop };
    return ok(session, `${maildrop.count} messages, ${maildrop.octets} octets`);
  } catch (error) {
    release?.();
    return refusal(session, error);
  }
}

async function openInbox({ services, connection }: Pop3Session, { account, quotaBytes }: Principal) {
  const handle = await services.mailstore.openAccount(account, {
    by: connection.id,
    ...(quotaBytes !== undefined && { quotaBytes }),
  });
  try {
    return await openMaildrop(handle);
  } catch (error) {
    handle.release();
    throw error;
  }
}

/** Guessing costs a new connection after a few tries; the authenticator slows it down across connections. */
function refusal(session: Pop3Session, error: unknown): Outcome {
  const outcome = refuseFor(session, error);
  const guessed = error instanceof MailError && (error.code === 'authenticationFailed' || error.code === 'throttled');
  if (guessed && ++session.authFailures >= maxAuthFailuresPerConnection) {
    refuse(session, say('tooManyFailures', session.lang));
    session.state = { kind: 'ended' };
  }
  return outcome;
}
