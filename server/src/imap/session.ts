/**
 * What commands see of a session: its connection, its state, the services. The loop that drives it is in command-loop.ts.
 */
import { ImapSyntaxError } from '../codec/imap/syntax-error.js';
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Connection } from '../net/connection.js';
import { capabilityList } from './capabilities.js';
import { type CommandInput, createCommandInput, type InputMode } from './command-input.js';
import type { ImapServices } from './services.js';
import type { Enabled, LoggedIn, SelectedMailbox, SessionState } from './session-state.js';
import { createStorePipeline, type StorePipeline } from './store-pipeline.js';

export interface Session {
  readonly id: string;
  readonly connection: Connection;
  readonly services: ImapServices;
  readonly log: Log;
  readonly input: CommandInput;
  /** STORE commands whose answers are still to come. */
  readonly stores: StorePipeline;
  state: SessionState;
  /** What a login took and the end gives back. */
  leave: (() => void) | undefined;
  authFailures: number;
  /** Between commands. */
  waiting: boolean;
  /** Why the session ends after the command that runs, in the words of its BYE. */
  ending: string | undefined;
}

export function createSession(connection: Connection, services: ImapServices): Session {
  return {
    id: connection.id,
    connection,
    services,
    log: services.log.child({ session: connection.id, peer: connection.peer.address }),
    input: createCommandInput(connection),
    stores: createStorePipeline(),
    state: { kind: 'notAuthenticated' },
    leave: undefined,
    authFailures: 0,
    waiting: false,
    ending: undefined,
  };
}

export function bye(session: Session, text: string): void {
  if (!session.connection.signal.aborted) session.connection.write(`* BYE ${text}\r\n`);
}

/** Ends a session that waits for its client; one that works ends after its command. */
export async function endSession(session: Session, why: string): Promise<void> {
  session.ending ??= why;
  if (!session.waiting) return;
  // STOREs may still wait for their answers while the next command is awaited.
  await session.stores.settled();
  if (!session.waiting) return;
  bye(session, session.ending);
  session.connection.end();
}

/**
 * A command whose effect is not known gets no tagged response: OK and NO would both be a claim. The session ends, so that the
 * client looks for itself when it comes back (as after any lost connection).
 */
export const isUncertain = (error: unknown): boolean => error instanceof MailError && error.uncertain;

export function byeUncertain(session: Session): void {
  bye(session, '[UNAVAILABLE] The mail store does not answer; whether the last command was done is not known');
}

/** A command that comes in the wrong state is answered BAD (RFC 9051 section 3). */
export function loginOf(session: Session): LoggedIn {
  const { state } = session;
  if (state.kind === 'authenticated' || state.kind === 'selected') return state.login;
  throw new ImapSyntaxError('Log in first');
}

export interface Selected {
  readonly login: LoggedIn;
  readonly mailbox: SelectedMailbox;
}

export function selectedOf(session: Session): Selected {
  const { state } = session;
  if (state.kind === 'selected') return state;
  throw new ImapSyntaxError(state.kind === 'authenticated' ? 'Select a mailbox first' : 'Log in first');
}

/** EXAMINE lets nothing be changed (RFC 9051 6.3.3). */
export function requireWritable(mailbox: SelectedMailbox): void {
  if (mailbox.readOnly) throw new ImapSyntaxError('The mailbox is selected read-only', { status: 'NO' });
}

export function inputMode(session: Session): InputMode {
  const { state } = session;
  if (state.kind !== 'authenticated' && state.kind !== 'selected') return { authenticated: false, utf8: false };
  return { authenticated: true, utf8: namesInUtf8(state.login.enabled) };
}

/** RFC 9051 5.1, RFC 6855 3: mailbox names are UTF-8, in both directions; else modified UTF-7. */
export const namesInUtf8 = (enabled: Enabled): boolean => enabled.imap4rev2 || enabled.utf8;

/** RFC 9051 6.2: no password over a connection that others can read. */
export const passwordAllowed = ({ connection }: Session): boolean => connection.secure || connection.peer.local;

export function capabilitiesOf(session: Session): string {
  const { connection, services, state } = session;
  return capabilityList({
    authenticated: state.kind === 'authenticated' || state.kind === 'selected',
    secure: connection.secure,
    passwordAllowed: passwordAllowed(session),
    mechanisms: services.scram?.mechanisms(connection) ?? [],
    startTlsAvailable: services.startTlsAvailable,
    maxMessageBytes: services.maxMessageBytes,
  });
}

/** Leaves the selected mailbox, if there is one, without expunging anything. */
export function leaveMailbox(session: Session): void {
  if (session.state.kind !== 'selected') return;
  session.state.mailbox.cursor.close();
  session.state = { kind: 'authenticated', login: session.state.login };
}
