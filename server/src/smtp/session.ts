/** One session of SMTP or LMTP as the commands see it. */
import { reply, type SmtpReply } from '../codec/smtp/reply.js';
import { withProtocol } from '../codec/smtp/trace-fields.js';
import type { Log } from '../kernel/log.js';
import type { Connection } from '../net/connection.js';
import type { SmtpClient, SmtpPolicy, SmtpProfile } from './policy.js';
import type { Helo, SmtpState, XclientView } from './session-state.js';

/** What the command modules share. `state` is where the protocol is; the rest is true of the connection. */
export interface SmtpSession<R> {
  readonly connection: Connection;
  readonly profile: SmtpProfile;
  readonly policy: SmtpPolicy<R>;
  readonly log: Log;
  state: SmtpState<R>;
  view: XclientView;
  authenticated: boolean;
  authFailures: number;
  answer(reply: SmtpReply): void;
  replyOfError(error: unknown): SmtpReply;
}

/** How the loop goes on after a command. `error`: it was refused for its syntax or order. */
export type Next = 'continue' | 'error' | 'close';

/** The client as it stands in the trace of a message. */
export function clientOf<R>(session: SmtpSession<R>, helo: Helo, utf8: boolean): SmtpClient {
  const { connection, view } = session;
  const protocol = helo.verb === 'lhlo' ? 'LMTP' : helo.verb === 'ehlo' ? 'ESMTP' : 'SMTP';
  return {
    peer: connection.peer,
    helo: view.helo ?? helo.domain,
    address: view.address ?? (connection.peer.unix ? undefined : connection.peer.address),
    hostName: view.hostName,
    withProtocol: withProtocol(protocol, { tls: connection.secure, authenticated: session.authenticated, utf8 }),
    tls: connection.tls,
  };
}

export function greeting(profile: SmtpProfile): SmtpReply {
  return { code: 220, text: `${profile.hostname} ${profile.protocol === 'lmtp' ? 'LMTP' : 'ESMTP'} Vaguemestre` };
}

/** Forgets a transaction that has begun. */
export function abandon<R>(session: SmtpSession<R>): void {
  if (session.state.kind === 'chunking') session.state.intake.abort();
  if (session.state.kind !== 'new') session.state = { kind: 'ready', helo: session.state.helo };
}

export function refuse<R>(session: SmtpSession<R>, answer: SmtpReply): Next {
  session.answer(answer);
  return 'error';
}

export const helloFirst = <R>(session: SmtpSession<R>): SmtpReply =>
  reply(503, '5.5.1', `Say ${session.profile.protocol === 'lmtp' ? 'LHLO' : 'EHLO'} first`);
