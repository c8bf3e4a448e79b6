import { ImapSyntaxError } from '../../codec/imap/syntax-error.js';
import { type Outcome, ok } from '../outcome.js';
import type { Session } from '../session.js';

/**
 * RFC 9051 6.2.1. What the client sent in clear behind the command is dropped by the connection: else somebody on the way
 * could put commands in front of the protected ones.
 */
export async function starttls(session: Session): Promise<Outcome> {
  const { connection, services, state } = session;
  if (connection.secure) throw new ImapSyntaxError('TLS is on already');
  if (!services.startTlsAvailable) throw new ImapSyntaxError('TLS is not available');
  if (state.kind !== 'notAuthenticated') throw new ImapSyntaxError('STARTTLS comes before login');
  return { ...ok('Begin TLS negotiation now'), after: () => connection.startTls() };
}
