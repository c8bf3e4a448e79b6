import { mechanismsOf, type Outcome, ok, type Pop3Session, passwordWay } from '../session.js';
import { say } from '../words.js';

/** CAPA (RFC 2449 5), the same before and after login but for what only strangers need. */
export function capa(session: Pop3Session): Outcome {
  const { connection, services, state } = session;
  const strange = state.kind === 'authorization';
  const way = passwordWay(session);
  const lines = [
    'TOP',
    'UIDL',
    'RESP-CODES', // RFC 2449 6.4
    'AUTH-RESP-CODE', // RFC 3206 6
    'PIPELINING', // RFC 2449 6.6
    // RFC 2449 6.7: nothing goes that a program did not delete itself.
    'EXPIRE NEVER',
    'UTF8 USER', // RFC 6856 2
    'LANG', // RFC 6856 3
  ];
  if (services.loginDelaySeconds > 0) lines.push(`LOGIN-DELAY ${services.loginDelaySeconds}`);
  // RFC 2595 4: only while it can be used.
  if (strange && !connection.secure && services.startTlsAvailable) lines.push('STLS');
  // RFC 2595 2.1: no password in clear is asked for where none may be sent.
  if (way !== 'closed') lines.push('USER');
  if (way === 'open') lines.push(`SASL ${mechanismsOf(session).join(' ')}`);
  lines.push('IMPLEMENTATION Vaguemestre');
  ok(session, `${say('capabilities', session.lang)}\r\n${lines.join('\r\n')}\r\n.`);
  return 'ok';
}
