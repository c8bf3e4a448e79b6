/**
 * The life of one session: greeting, commands one after another in the order they came (RFC 2449 6.6), goodbye. Every error
 * becomes an -ERR here; only a connection that is gone ends the loop. A session that ends without QUIT deletes nothing (RFC 1939
 * 3, 6); what it took is marked all the same.
 */
import { parsePop3Command } from '../codec/pop3/command.js';
import { MailError } from '../kernel/errors.js';
import { maxBadCommands, maxBadCommandsBeforeLogin, maxPop3LineBytes } from '../kernel/limits.js';
import { dispatch } from './dispatch.js';
import { markNow, stopMarking } from './marking.js';
import { type Outcome, type Pop3Session, refuseFor, refuseIn } from './session.js';

export async function serve(session: Pop3Session): Promise<void> {
  try {
    await commands(session);
  } catch (error) {
    // RFC 1939 3: after the idle time the connection is closed without a word.
    if (!(error instanceof MailError && error.code === 'closed')) session.log.error({ err: error }, 'session failed');
  } finally {
    await stopMarking(session);
    await markNow(session);
    if (session.state.kind === 'transaction') session.state.maildrop.close();
    session.state = { kind: 'ended' };
    session.leave?.();
    session.connection.end();
  }
}

async function commands(session: Pop3Session): Promise<void> {
  const { connection, services } = session;
  const { timeouts, clock } = services;
  // No <...> in it: that would be a challenge for APOP (RFC 1939 7).
  connection.write('+OK Vaguemestre POP3 ready\r\n');
  const loginDeadlineMs = clock.monotonicMs() + timeouts.loginMs;
  let bad = 0;
  while (session.state.kind !== 'ended' && !session.ending) {
    const strange = session.state.kind === 'authorization';
    connection.setReadTimeout(strange ? Math.max(1, loginDeadlineMs - clock.monotonicMs()) : timeouts.idleMs);
    session.waiting = true;
    const line = await connection.readLine(maxPop3LineBytes);
    session.waiting = false;
    if (line.kind === 'end') return;
    const outcome = line.kind === 'tooLong' ? tooLong(session) : await command(session, line.bytes);
    // A client that sends and does not read is not read from either.
    const wait = connection.drained();
    if (wait !== undefined) await wait;
    bad = outcome === 'bad' ? bad + 1 : 0;
    // A web browser that is made to speak to this port sends nothing but lines that are no commands: it must not get to a
    // line that is one (cross-protocol requests). Later, a client that only errs is in a loop.
    if (bad >= (strange ? maxBadCommandsBeforeLogin : maxBadCommands)) {
      refuseIn(session, 'tooManyErrors');
      return;
    }
  }
}

async function command(session: Pop3Session, line: Buffer): Promise<Outcome> {
  try {
    return await dispatch(session, parsePop3Command(line));
  } catch (error) {
    return refuseFor(session, error);
  }
}

function tooLong(session: Pop3Session): Outcome {
  refuseIn(session, 'tooLong');
  return 'bad';
}
