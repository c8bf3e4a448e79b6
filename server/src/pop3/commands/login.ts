/**
 * USER and PASS, AUTH PLAIN (RFC 5034, 4616): a password becomes an open maildrop. A refusal for a wrong name and for a wrong
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
  return logIn(session, { authorize: '', identity: name, password });
}

/** RFC 1939 7 APOP needs the password itself in the store. */
export const apop = (session: Pop3Session): Outcome => refuseIn(session, 'apop');

export async function auth(session: Pop3Session, command: Extract<Pop3Command, { kind: 'auth' }>): Promise<Outcome> {
  const open = passwordWay(session) === 'open';
  // Not of RFC 5034: old programs ask so for the list.
  if (command.mechanism === undefined) {
    return ok(session, `${say('mechanisms', session.lang)}\r\n${open ? 'PLAIN\r\n' : ''}.`);
  }
  if (command.mechanism !== 'PLAIN') return refuseIn(session, 'mechanism');
  if (!open) return refuseIn(session, 'startTls', 'SYS/PERM');
  const response = command.initial ?? (await challenge(session));
  // RFC 5034 4: `*` gives up.
  if (response === '*') return refuseIn(session, 'cancelled');
  const octets = response === undefined ? undefined : decodeBase64(Buffer.from(response, 'latin1'));
  const credentials = octets === undefined ? undefined : parsePlain(octets);
  return credentials === undefined ? refuseIn(session, 'malformed') : logIn(session, credentials);
}

/** An empty challenge and its answer; undefined when it is too long. */
async function challenge({ connection }: Pop3Session): Promise<string | undefined> {
  connection.write('+ \r\n');
  const line = await connection.readLine(maxPop3SaslLineBytes);
  if (line.kind === 'end') throw new MailError('closed', 'Connection closed');
  return line.kind === 'line' ? line.bytes.toString('latin1') : undefined;
}

async function logIn(session: Pop3Session, { authorize, identity, password }: PlainCredentials): Promise<Outcome> {
  const { connection, services, legacy } = session;
  const { peer, secure } = connection;
  let release: (() => void) | undefined;
  try {
    const way = { protocol: 'pop3', peer, secure, ...(legacy && { legacy }) } as const;
    const principal = await services.authenticator.login({
      ...way,
      identity,
      password,
      ...(authorize !== '' && { authorize }),
    });
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
