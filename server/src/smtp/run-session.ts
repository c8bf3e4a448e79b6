/**
 * The ESMTP engine: one session of SMTP (RFC 5321) or LMTP (RFC 2033) over a connection, with PIPELINING (RFC 2920), 8BITMIME
 * (RFC 6152), SMTPUTF8 (RFC 6531), SIZE (RFC 1870), ENHANCEDSTATUSCODES (RFC 2034), CHUNKING (RFC 3030), DSN (RFC 3461),
 * STARTTLS (RFC 3207), AUTH (RFC 4954) and XCLIENT. What is taken from whom is the policy's.
 *
 * Commands run in the order they came; replies of pipelined commands leave together. Nothing a client sends ends the process:
 * an error of the policy becomes a reply, one of the connection ends the session, a client that errs without end is cut.
 */
import { parseSmtpCommand, type SmtpCommand } from '../codec/smtp/command.js';
import { formatReply, reply } from '../codec/smtp/reply.js';
import { MailError } from '../kernel/errors.js';
import { maxSmtpErrors, maxSmtpLineBytes, smtpCommandTimeoutMs } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import type { Connection } from '../net/connection.js';
import { replyOfAny } from './error-replies.js';
import type { SmtpPolicy, SmtpProfile } from './policy.js';
import { greeting, type Next, type SmtpSession } from './session.js';
import { runSessionCommand } from './session-commands.js';
import { runTransactionCommand } from './transaction.js';

/** Resolves when the session is over; throws only what the connection throws. `signal`: the service is ending. */
export async function runSmtpSession<R>(
  connection: Connection,
  profile: SmtpProfile,
  policy: SmtpPolicy<R>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let faults = 0;
  const session: SmtpSession<R> = {
    connection,
    profile,
    policy,
    log,
    state: { kind: 'new' },
    view: {},
    authenticated: false,
    authFailures: 0,
    answer: (answer) => connection.write(formatReply(answer)),
    replyOfError: (error) =>
      replyOfAny(error, (unknown) => {
        const id = `${connection.id}.${++faults}`;
        log.error({ err: unknown, id, peer: connection.peer.address }, 'fault in an SMTP session');
        return id;
      }),
  };
  let waiting = false;
  const stop = (): void => {
    // RFC 5321 3.8: the server may say 421 at any time. In a command, the loop says it afterwards.
    if (!waiting) return;
    session.answer(shuttingDown);
    connection.end();
  };
  signal.addEventListener('abort', stop);
  try {
    session.answer(greeting(profile));
    let errors = 0;
    for (;;) {
      if (signal.aborted) {
        session.answer(shuttingDown);
        return;
      }
      if (!connection.hasBufferedInput) connection.setReadTimeout(smtpCommandTimeoutMs);
      waiting = true;
      const line = await connection.readLine(maxSmtpLineBytes);
      waiting = false;
      if (line.kind === 'end') return;
      const next = await runLine(session, line);
      if (next === 'close') return;
      if (next === 'error' && ++errors >= maxSmtpErrors) {
        session.answer(reply(421, '4.7.0', 'Too many errors'));
        return;
      }
    }
  } catch (error) {
    if (!(error instanceof MailError && error.details?.['timeout'] === true)) throw error;
    session.answer(reply(421, '4.4.2', 'Timed out waiting for you'));
  } finally {
    signal.removeEventListener('abort', stop);
    if (session.state.kind === 'chunking') session.state.intake.abort();
  }
}

async function runLine<R>(
  session: SmtpSession<R>,
  line: Exclude<Awaited<ReturnType<Connection['readLine']>>, { kind: 'end' }>,
): Promise<Next> {
  if (line.kind === 'tooLong') {
    session.answer(reply(500, '5.5.2', 'Line is too long'));
    return 'error';
  }
  if (line.bareLf === true) {
    // RFC 5321 2.3.8: lines end in CRLF and nothing else; who takes less is open to smuggling.
    session.answer(reply(500, '5.5.2', 'Lines end in CRLF, not in a bare line feed'));
    return 'error';
  }
  const command = parseSmtpCommand(line.bytes, session.profile.unqualified);
  if (command.kind === 'bad') {
    session.answer(command.reply);
    // A browser that was made to speak to us sends a request line, then headers that somebody else chose.
    return command.unknown === true && httpVerbs.has(command.verb) ? 'close' : 'error';
  }
  return runCommand(session, command);
}

function runCommand<R>(session: SmtpSession<R>, command: Exclude<SmtpCommand, { kind: 'bad' }>): Promise<Next> {
  switch (command.kind) {
    case 'mail':
    case 'rcpt':
    case 'data':
    case 'bdat':
    case 'rset':
      return runTransactionCommand(session, command);
    default:
      return runSessionCommand(session, command);
  }
}

const shuttingDown = reply(421, '4.3.2', 'Service is stopping');
const httpVerbs: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'CONNECT', 'DELETE', 'PATCH']);
