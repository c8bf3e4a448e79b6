import type { EnableCommand } from '../../codec/imap/command.js';
import { enabledLine } from '../../codec/imap/response.js';
import { type Outcome, ok } from '../outcome.js';
import { loginOf, type Session } from '../session.js';

/**
 * RFC 9051 6.3.1, RFC 5161: what is not known is ignored; ENABLED names what this command newly enabled. Clients must not send it
 * with a mailbox selected; CONDSTORE then takes effect all the same (RFC 7162 3.1.8 knows other ways to switch it on there).
 */
export async function enable(session: Session, command: EnableCommand): Promise<Outcome> {
  const { enabled } = loginOf(session);
  const fresh: string[] = [];
  for (const name of command.capabilities) {
    switch (name) {
      case 'IMAP4REV2':
        if (!enabled.imap4rev2) fresh.push('IMAP4rev2');
        enabled.imap4rev2 = true;
        break;
      case 'CONDSTORE':
        if (!enabled.condstore) fresh.push('CONDSTORE');
        enabled.condstore = true;
        break;
      default:
    }
  }
  session.connection.write(enabledLine(fresh));
  return ok('ENABLE completed');
}
