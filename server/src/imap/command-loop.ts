/**
 * The life of one session: greeting, commands one after another, goodbye. Commands run in the order they came and answers go
 * out in that order (RFC 9051 5.5); only STOREs overlap (store-pipeline.ts). Every error is turned into a tagged response
 * here; only a connection that is gone ends the loop.
 */
import { parseCommand } from '../codec/imap/parse.js';
import { ImapSyntaxError } from '../codec/imap/syntax-error.js';
import { MailError } from '../kernel/errors.js';
import { maxBadCommands, maxBadCommandsBeforeLogin } from '../kernel/limits.js';
import type { CommandInputResult } from './command-input.js';
import { append } from './commands/append.js';
import { beginStore } from './commands/store.js';
import { perform, updatesAfter } from './dispatch.js';
import { createTurn } from './fetch-columns.js';
import { isClosed, type Outcome, outcomeOf, tagged } from './outcome.js';
import { bye, byeUncertain, capabilitiesOf, inputMode, isUncertain, leaveMailbox, type Session } from './session.js';
import { sendUpdates } from './updates.js';

export async function serve(session: Session): Promise<void> {
  try {
    await commands(session);
  } catch (error) {
    if (!isClosed(error)) session.log.error({ err: error }, 'session failed');
    else if (isTimeout(error)) {
      await session.stores.settled();
      bye(session, 'Autologout; idle for too long');
    }
  } finally {
    await session.stores.settled();
    leaveMailbox(session);
    if (session.state.kind === 'authenticated') session.state.login.account.release();
    session.state = { kind: 'logout' };
    session.leave?.();
    session.connection.end();
  }
}

const loggedOut = (session: Session): boolean => session.state.kind === 'logout';

const isTimeout = (error: unknown): boolean => error instanceof MailError && error.details?.['timeout'] !== undefined;

async function commands(session: Session): Promise<void> {
  const { connection, services } = session;
  const { timeouts } = services;
  connection.write(`* OK [CAPABILITY ${capabilitiesOf(session)}] Vaguemestre ready\r\n`);
  const loginDeadlineMs = services.clock.monotonicMs() + timeouts.loginMs;
  const turn = createTurn();
  let bad = 0;
  while (!loggedOut(session)) {
    // Looked at where the session begins to wait: `endSession` sees to those that wait already.
    if (session.ending !== undefined) {
      await session.stores.settled();
      bye(session, session.ending);
      return;
    }
    const strange = session.state.kind === 'notAuthenticated';
    connection.setReadTimeout(strange ? Math.max(1, loginDeadlineMs - services.clock.monotonicMs()) : timeouts.idleMs);
    session.waiting = true;
    const input = await session.input.next(inputMode(session));
    session.waiting = false;
    if (input.kind === 'end') return;
    const status = await command(session, input);
    // A client that sends and does not read is not read from either; one that pipelines does not keep the thread.
    const wait = connection.drained() ?? turn.yielded();
    if (wait !== undefined) await wait;
    bad = status === 'BAD' ? bad + 1 : 0;
    // A web browser that is made to speak to this port sends nothing but lines that are no commands: it must not get to a
    // line that is one (cross-protocol requests). Later, a client that only gets BAD is in a loop.
    if (bad >= (strange ? maxBadCommandsBeforeLogin : maxBadCommands)) {
      await session.stores.settled();
      bye(session, 'Too many bad commands');
      return;
    }
  }
}

/** Runs one command to its tagged response; a STORE may be answered later. */
async function command(
  session: Session,
  input: Exclude<CommandInputResult, { kind: 'end' }>,
): Promise<Outcome['status'] | undefined> {
  let tag: string | undefined;
  let outcome: Outcome;
  let updates: 'all' | 'keepNumbers' | 'none' = 'all';
  try {
    switch (input.kind) {
      case 'refused':
        throw input.error;
      case 'append':
        tag = input.start.tag;
        await session.stores.settled();
        outcome = await append(session, input.start);
        break;
      case 'command': {
        const parsed = parseCommand(input.text, { utf8: inputMode(session).utf8 });
        tag = parsed.tag;
        if (parsed.command.kind === 'store') {
          const started = beginStore(session, tag, parsed.command);
          if (started !== undefined) await started;
          return undefined;
        }
        const pending = session.stores.settled();
        if (pending !== undefined) await pending;
        updates = updatesAfter(parsed.command);
        outcome = await perform(session, tag, parsed.command);
        break;
      }
      default:
        return input satisfies never;
    }
  } catch (error) {
    if (isClosed(error)) throw error;
    await session.stores.settled();
    if (isUncertain(error)) {
      session.log.error({ err: error }, 'the outcome of a command is not known');
      byeUncertain(session);
      throw new MailError('closed', 'The outcome of a command is not known');
    }
    if (error instanceof ImapSyntaxError) {
      tag ??= error.tag;
      updates = 'none';
    }
    outcome = outcomeOf(error, session.log);
  }
  // RFC 9051 7: untagged data that a command caused, or that came up meanwhile, goes before its tagged response.
  if (updates !== 'none' && session.state.kind === 'selected') {
    await sendUpdates(session, session.state, { expunges: updates === 'all' });
    if (loggedOut(session)) return undefined;
  }
  session.connection.write(tagged(tag ?? '*', outcome));
  if (outcome.after !== undefined) await outcome.after();
  return outcome.status;
}
