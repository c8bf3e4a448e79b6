/**
 * LOGIN (RFC 9051 6.2.3) and what AUTHENTICATE shares with it: a password becomes an open account. A refusal for a wrong name
 * and for a wrong password is the same to the last octet; a person who may not use this door is told, by the authenticator's
 * own text, which one to use.
 */
import type { Principal } from '../../auth/authenticator.js';
import type { LoginCommand } from '../../codec/imap/command.js';
import { imapErrorForms } from '../../codec/imap/error-codes.js';
import { createFlagFormatter } from '../../codec/imap/flag-format.js';
import { ImapSyntaxError } from '../../codec/imap/syntax-error.js';
import { MailError } from '../../kernel/errors.js';
import { maxAuthFailuresPerConnection } from '../../kernel/limits.js';
import { type Outcome, ok, outcomeOf } from '../outcome.js';
import { capabilitiesOf, endSession, passwordAllowed, type Session } from '../session.js';

export async function login(session: Session, command: LoginCommand): Promise<Outcome> {
  requireLoginAllowed(session);
  const { connection, services } = session;
  const { peer, secure } = connection;
  return logIn(session, () =>
    services.authenticator.login({
      identity: command.user,
      password: command.password,
      protocol: 'imap',
      peer,
      secure,
    }),
  );
}

export function requireLoginAllowed(session: Session): void {
  if (session.state.kind !== 'notAuthenticated') throw new ImapSyntaxError('Already logged in');
  // RFC 9051 6.2.3, RFC 5530 PRIVACYREQUIRED.
  if (!passwordAllowed(session)) throw new MailError('privacyRequired', 'Use TLS before you send a password');
}

/** `prove` is what the mechanism has to do to tell who it is. */
export async function logIn(session: Session, prove: () => Promise<Principal>): Promise<Outcome> {
  const { services } = session;
  let release: (() => void) | undefined;
  try {
    const principal = await prove();
    release = await services.places.take(principal.account);
    if (release === undefined) {
      session.log.warn({ account: principal.account }, 'too many connections for one account');
      throw new MailError('limit', 'Too many connections for this account; close some other program');
    }
    const account = await services.mailstore.openAccount(principal.account, {
      by: session.id,
      ...(principal.quotaBytes === undefined ? {} : { quotaBytes: principal.quotaBytes }),
    });
    session.leave = leaving(session, principal, release);
    session.state = {
      kind: 'authenticated',
      login: {
        principal,
        account,
        enabled: { imap4rev2: false, condstore: false, utf8: false },
        flags: createFlagFormatter(account.keywords),
        flagKeywords: account.keywords.length,
      },
    };
    // Clients are known that never ask for the list again (RFC 9051 6.2.3 allows the code here).
    return ok('Logged in', `CAPABILITY ${capabilitiesOf(session)}`);
  } catch (error) {
    release?.();
    return refusal(session, error);
  }
}

/** The place is held and the person judged again until the session ends. */
function leaving(session: Session, { account, app }: Principal, release: () => void): () => void {
  const { services, connection } = session;
  const { peer, secure } = connection;
  const forget = services.admissions.watch({ account, app, protocol: 'imap', peer, secure }, (reason) => {
    session.log.info({ account, reason: reason.code }, 'a session ends because the person may not stay');
    const { code } = imapErrorForms[reason.code];
    void endSession(session, code === undefined ? reason.public : `[${code}] ${reason.public}`);
  });
  return () => {
    forget();
    release();
  };
}

/** Guessing costs a new connection after a few tries; the authenticator slows it down across connections. */
function refusal(session: Session, error: unknown): Outcome {
  const outcome = outcomeOf(error, session.log);
  const guessed = error instanceof MailError && (error.code === 'authenticationFailed' || error.code === 'throttled');
  if (!guessed || ++session.authFailures < maxAuthFailuresPerConnection) return outcome;
  return {
    ...outcome,
    after: () => {
      session.connection.write('* BYE Too many failed logins\r\n');
      session.state = { kind: 'logout' };
    },
  };
}
