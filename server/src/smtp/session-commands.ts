/** Commands outside a mail transaction: greetings, STARTTLS, AUTH, XCLIENT, and those that change nothing. */
import type { SmtpCommand } from '../codec/smtp/command.js';
import { reply, type SmtpReply } from '../codec/smtp/reply.js';
import { MailError } from '../kernel/errors.js';
import { maxAuthFailuresPerConnection } from '../kernel/limits.js';
import { SmtpRefusal } from './error-replies.js';
import { askingOver, loginCredentials, plainCredentials } from './sasl-exchange.js';
import { abandon, greeting, helloFirst, type Next, refuse, type SmtpSession } from './session.js';
import type { Helo } from './session-state.js';
import { applyXclient, xclientAttributes } from './xclient.js';

export type SessionCommand = Exclude<
  SmtpCommand,
  { readonly kind: 'bad' | 'mail' | 'rcpt' | 'data' | 'bdat' | 'rset' }
>;

export async function runSessionCommand<R>(session: SmtpSession<R>, command: SessionCommand): Promise<Next> {
  switch (command.kind) {
    case 'helo':
    case 'ehlo':
    case 'lhlo':
      return hello(session, { verb: command.kind, domain: command.domain });
    case 'starttls':
      return startTls(session);
    case 'auth':
      return authenticate(session, command.mechanism, command.initial);
    case 'xclient':
      return xclient(session, command.attributes);
    case 'noop':
      session.answer(reply(250, '2.0.0', 'OK'));
      return 'continue';
    case 'quit':
      session.answer(reply(221, '2.0.0', 'Bye'));
      return 'close';
    case 'help':
      session.answer(reply(214, '2.0.0', 'See RFC 5321 and RFC 2033'));
      return 'continue';
    case 'vrfy':
      // RFC 5321 3.5.3: no word on who exists.
      session.answer(reply(252, '2.5.0', 'Cannot verify; send the message and see'));
      return 'continue';
    case 'expn':
      session.answer(reply(502, '5.5.1', 'EXPN is not offered'));
      return 'error';
    default:
      return command satisfies never;
  }
}

function hello<R>(session: SmtpSession<R>, helo: Helo): Next {
  // RFC 2033 4.1: LHLO in LMTP and nowhere else.
  if ((session.profile.protocol === 'lmtp') !== (helo.verb === 'lhlo')) {
    const wanted = session.profile.protocol === 'lmtp' ? 'This is LMTP: say LHLO' : 'This is SMTP: say EHLO';
    session.answer(reply(500, '5.5.1', wanted));
    return 'error';
  }
  // RFC 5321 4.1.4: a second EHLO clears the transaction.
  abandon(session);
  session.state = { kind: 'ready', helo };
  const first = `${session.profile.hostname} at your service`;
  session.answer({ code: 250, text: helo.verb === 'helo' ? first : [first, ...extensions(session)] });
  return 'continue';
}

function extensions<R>(session: SmtpSession<R>): string[] {
  const { connection, policy, profile } = session;
  const mechanisms = session.authenticated ? [] : policy.mechanisms();
  const list = [
    'PIPELINING',
    `SIZE ${profile.maxMessageBytes}`,
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'CHUNKING',
    'DSN',
  ];
  if (profile.maxHoldSeconds !== undefined) {
    // RFC 4865 4: the longest interval, and the date that it ends at.
    const latest = new Date(Date.now() + profile.maxHoldSeconds * 1000).toISOString().replace(/\.\d+/, '');
    list.push(`FUTURERELEASE ${profile.maxHoldSeconds} ${latest}`);
  }
  if (profile.startTls && !connection.secure) list.push('STARTTLS');
  // RFC 8689 2: offered where it can be kept.
  if (profile.requireTls === true && connection.secure) list.push('REQUIRETLS');
  if (mechanisms.length > 0) list.push(`AUTH ${mechanisms.join(' ')}`);
  if (policy.trusted) list.push(`XCLIENT ${xclientAttributes}`);
  return list;
}

async function startTls<R>(session: SmtpSession<R>): Promise<Next> {
  const { connection, profile } = session;
  if (connection.secure) return refuse(session, reply(503, '5.5.1', 'TLS is active already'));
  if (!profile.startTls) return refuse(session, reply(502, '5.5.1', 'STARTTLS is not offered'));
  if (session.state.kind === 'mail' || session.state.kind === 'chunking') return refuse(session, inTransaction);
  // What was proved in clear would have to be forgotten (RFC 3207 4.2): the order is TLS, then AUTH.
  if (session.authenticated) return refuse(session, reply(503, '5.5.1', 'Start TLS before AUTH'));
  session.answer(reply(220, '2.0.0', 'Begin TLS'));
  await connection.startTls();
  // RFC 3207 4.2: everything learned in clear is forgotten.
  session.state = { kind: 'new' };
  session.view = {};
  return 'continue';
}

async function authenticate<R>(session: SmtpSession<R>, name: string, initial: Buffer | undefined): Promise<Next> {
  const { connection, policy } = session;
  // RFC 4954 4: after EHLO, once, and not in a transaction.
  if (session.state.kind === 'new') return refuse(session, helloFirst(session));
  if (session.state.kind !== 'ready') return refuse(session, inTransaction);
  if (session.authenticated) return refuse(session, reply(503, '5.5.1', 'Already authenticated'));
  const offered = policy.mechanisms();
  const mechanism = offered.find((each) => each === name);
  if (mechanism === undefined) {
    return refuse(
      session,
      offered.length === 0 && session.profile.startTls && !connection.secure
        ? reply(538, '5.7.11', 'Start TLS first')
        : reply(504, '5.5.4', 'This mechanism is not offered'),
    );
  }
  const ask = askingOver(connection, initial);
  try {
    if (mechanism === 'PLAIN') await policy.login(await plainCredentials(ask));
    else if (mechanism === 'LOGIN') await policy.login(await loginCredentials(ask));
    else await policy.scram?.(mechanism, ask);
  } catch (error) {
    if (error instanceof MailError && error.code === 'closed') throw error;
    // Nothing was proved, and nothing was guessed.
    if (error instanceof SmtpRefusal) return refuse(session, error.reply);
    session.answer(authFailure(session, error));
    if (++session.authFailures < maxAuthFailuresPerConnection) return 'continue';
    session.answer(reply(421, '4.7.0', 'Too many failures'));
    return 'close';
  }
  session.authenticated = true;
  session.answer(reply(235, '2.7.0', 'Authenticated'));
  return 'continue';
}

/** RFC 4954 6: a temporary failure of authentication is 454, whatever it comes from. */
function authFailure<R>(session: SmtpSession<R>, error: unknown): SmtpReply {
  if (error instanceof MailError && error.temporary && error.code !== 'throttled') {
    return reply(454, '4.7.0', error.public);
  }
  return session.replyOfError(error);
}

function xclient<R>(session: SmtpSession<R>, attributes: ReadonlyMap<string, string>): Next {
  if (!session.policy.trusted) return refuse(session, reply(550, '5.7.0', 'XCLIENT is not for you'));
  if (session.state.kind === 'mail' || session.state.kind === 'chunking') return refuse(session, inTransaction);
  const view = applyXclient(session.view, attributes);
  if ('code' in view) return refuse(session, view);
  session.view = view;
  // The session begins anew, greeting included; what the connection itself proved stays.
  session.state = { kind: 'new' };
  session.answer(greeting(session.profile));
  return 'continue';
}

const inTransaction = reply(503, '5.5.1', 'Not in a mail transaction');
