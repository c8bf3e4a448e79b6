/**
 * A session with a host, from its greeting to where a message can be sent: EHLO or LHLO, STARTTLS as the route demands, AUTH for a
 * smart host. What makes a host unusable is a result, not an error: the next host is tried.
 */
import type { SocketConnection } from '@vaguemestre/server/net/socket-connection';
import type { TlsLevel } from '../routing/tls-level.js';
import type { ClientTimeouts } from './client-timeouts.js';
import { type ConnectTarget, connectHost, type HostConnection, type TlsTrust } from './connect.js';
import { type Extensions, noExtensions, readExtensions } from './extensions.js';
import { asTrouble, HostTrouble, ownReply, type RemoteReply, readReply, replyText } from './remote-reply.js';
import type { TlsFailure } from './tls-failure.js';
import { tlsFailureOf } from './tls-failure.js';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What a route asks of a session. */
export interface SessionDemand {
  readonly protocol: 'smtp' | 'lmtp';
  readonly tls: TlsLevel;
  readonly login?: Login;
}

export interface SessionParts {
  /** In EHLO: the name by which the DNS knows this relay (RFC 5321 4.1.4). */
  readonly hostname: string;
  readonly timeouts: ClientTimeouts;
  readonly trust: TlsTrust;
}

export interface HostSession {
  readonly connection: SocketConnection;
  readonly protocol: 'smtp' | 'lmtp';
  /** `name [address]`, as reports show it. */
  readonly host: string;
  extensions: Extensions;
  /** Undefined: in clear. */
  readonly tls: { readonly version: string; readonly cipher: string; readonly verified: boolean } | undefined;
  /** What was wrong with its TLS, where that was let pass. */
  readonly tlsFailure: TlsFailure | undefined;
  /** `performance.now()` when it was opened. */
  readonly openedMs: number;
  /** Messages that went through it. */
  uses: number;
}

export type Opened =
  | { readonly kind: 'open'; readonly session: HostSession }
  | {
      readonly kind: 'unusable';
      /** One line: what the host said, or what we say of it. */
      readonly reply: string;
      /** It will say the same tomorrow (RFC 7504: 521). */
      readonly permanent: boolean;
      readonly tlsFailure: TlsFailure | undefined;
    };

/** Rejects only with the reason of `signal`. */
export async function openSession(
  target: ConnectTarget,
  demand: SessionDemand,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<Opened> {
  const first = await tryOpen(target, demand, parts, signal);
  // RFC 3207 leaves it open; RFC 7435 3: TLS that fails must not be worse than none, where none is allowed.
  if (first.kind === 'open' || first.tlsFailure === undefined || demand.tls !== 'may') return first;
  const { tlsFailure } = first;
  const clear = await tryOpen(target, { ...demand, tls: 'none' }, parts, signal);
  return clear.kind === 'open' ? { kind: 'open', session: { ...clear.session, tlsFailure } } : { ...clear, tlsFailure };
}

async function tryOpen(
  target: ConnectTarget,
  demand: SessionDemand,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<Opened> {
  let opened: HostConnection | undefined;
  const stop = (): void => opened?.connection.destroy('aborted');
  try {
    opened = await connectHost(target, parts.timeouts, parts.trust, signal);
    signal.addEventListener('abort', stop, { once: true });
    const result = await begin(opened, target, demand, parts);
    if (result.kind === 'unusable') leave(opened.connection);
    return result;
  } catch (error) {
    opened?.connection.destroy('failed');
    signal.throwIfAborted();
    const trouble = asTrouble(error);
    if (!(trouble instanceof HostTrouble)) throw error;
    return unusable(ownReply(trouble.enhanced, trouble.message));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function begin(
  opened: HostConnection,
  target: ConnectTarget,
  demand: SessionDemand,
  parts: SessionParts,
): Promise<Opened> {
  const { connection } = opened;
  const { timeouts } = parts;
  const greeting = await readReply(connection, timeouts.greetingMs);
  // RFC 5321 3.1, RFC 7504 3: 554 says that there is no service at present, 521 that there never is.
  if (greeting.code !== 220) return unusable(replyText(greeting), greeting.code === 521);
  let hello = await sayHello(connection, demand.protocol, parts);
  if ('code' in hello) return unusable(replyText(hello));
  let tlsFailure: TlsFailure | undefined;
  if (demand.tls !== 'none') {
    if (hello.startTls) {
      const failure = await startTls(connection, timeouts.commandMs);
      if (failure !== undefined) {
        // After a handshake that failed nothing can be said on this connection.
        return { ...unusable(ownReply('4.7.5', failure.text)), tlsFailure: failure };
      }
      // RFC 3207 4.2: what was learned in clear is forgotten.
      hello = await sayHello(connection, demand.protocol, parts);
      if ('code' in hello) return unusable(replyText(hello));
      const reason = opened.unverified();
      if (reason !== undefined) tlsFailure = tlsFailureOf(reason);
      if (reason !== undefined && demand.tls === 'verify') {
        const text = `the certificate of the host does not prove its name (${reason})`;
        return { ...unusable(ownReply('4.7.5', text)), tlsFailure };
      }
    } else {
      tlsFailure = { kind: 'starttls-not-supported', text: 'the host offers no STARTTLS' };
      if (demand.tls !== 'may') return { ...unusable(ownReply('4.7.4', tlsFailure.text)), tlsFailure };
    }
  }
  if (demand.login !== undefined) {
    const refused = await logIn(connection, hello, demand.login, timeouts.commandMs);
    if (refused !== undefined) return unusable(refused);
  }
  const { tls } = connection;
  return {
    kind: 'open',
    session: {
      tlsFailure,
      connection,
      protocol: demand.protocol,
      host: 'path' in target ? target.path : `${target.host} [${target.address}]`,
      extensions: hello,
      tls: tls && { ...tls, verified: opened.unverified() === undefined },
      openedMs: performance.now(),
      uses: 0,
    },
  };
}

/** The extensions, or the reply that refuses us. */
export async function sayHello(
  connection: SocketConnection,
  protocol: 'smtp' | 'lmtp',
  { hostname, timeouts }: Pick<SessionParts, 'hostname' | 'timeouts'>,
): Promise<Extensions | RemoteReply> {
  const hello = await ask(connection, `${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} ${hostname}`, timeouts.commandMs);
  if (hello.code === 250) return readExtensions(hello);
  // RFC 5321 3.2: a host that does not know EHLO is spoken to in the old way; LMTP has none.
  if (protocol === 'lmtp' || hello.code < 500 || hello.code === 521) return hello;
  const helo = await ask(connection, `HELO ${hostname}`, timeouts.commandMs);
  return helo.code === 250 ? noExtensions : helo;
}

async function startTls(connection: SocketConnection, timeoutMs: number): Promise<TlsFailure | undefined> {
  const answer = await ask(connection, 'STARTTLS', timeoutMs);
  if (answer.code !== 220)
    return { kind: 'starttls-not-supported', text: `STARTTLS was refused: ${replyText(answer)}` };
  try {
    await connection.startTls();
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const text = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : 'failed';
    return { kind: 'validation-failure', text: `the TLS handshake failed (${text})` };
  }
}

/** RFC 4954, with PLAIN (RFC 4616) or what came before it; undefined: proved. */
async function logIn(
  connection: SocketConnection,
  extensions: Extensions,
  login: Login,
  timeoutMs: number,
): Promise<string | undefined> {
  // RFC 4954 4: a password in clear goes over TLS, or never leaves the machine.
  if (!connection.secure && !connection.peer.local) return ownReply('4.7.0', 'no password is sent without TLS');
  const { user, password } = login;
  let answer: RemoteReply;
  if (extensions.auth.has('PLAIN')) {
    const initial = base64(`\0${user}\0${password}`);
    answer = await ask(connection, `AUTH PLAIN ${initial}`, timeoutMs);
  } else if (extensions.auth.has('LOGIN')) {
    answer = await ask(connection, 'AUTH LOGIN', timeoutMs);
    if (answer.code === 334) answer = await ask(connection, base64(user), timeoutMs);
    if (answer.code === 334) answer = await ask(connection, base64(password), timeoutMs);
  } else return ownReply('4.7.0', 'the host offers no way to log in that this relay knows');
  if (answer.code === 235) return undefined;
  // What is wrong is our password, not the message: it waits until somebody has put that right.
  return ownReply('4.7.8', `the host refuses the login of this relay: ${replyText(answer)}`);
}

export async function ask(connection: SocketConnection, line: string, timeoutMs: number): Promise<RemoteReply> {
  connection.write(`${line}\r\n`);
  return readReply(connection, timeoutMs);
}

/** RFC 5321 4.1.1.10: QUIT, and nobody waits for its answer. */
export function leave(connection: SocketConnection): void {
  connection.write('QUIT\r\n');
  connection.end();
}

const unusable = (reply: string, permanent = false): Extract<Opened, { readonly kind: 'unusable' }> => ({
  kind: 'unusable',
  reply,
  permanent,
  tlsFailure: undefined,
});

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
