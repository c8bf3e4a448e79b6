import { type Outcome, ok, type Pop3Session, refuseIn } from '../session.js';
import { say } from '../words.js';

/**
 * STLS (RFC 2595 4). What the client sent in clear behind the command is dropped by the connection: else somebody on the way could
 * put commands in front of the protected ones. What was said before is forgotten.
 */
export async function stls(session: Pop3Session): Promise<Outcome> {
  const { connection, services } = session;
  if (connection.secure) return refuseIn(session, 'tlsOn');
  if (!services.startTlsAvailable) return refuseIn(session, 'noTls');
  // RFC 6856 2.1.
  if (session.utf8) return refuseIn(session, 'tlsAfterUtf8');
  ok(session, say('beginTls', session.lang));
  await connection.startTls();
  session.state = { kind: 'authorization', user: undefined };
  return 'ok';
}
