import type { IdCommand } from '../../codec/imap/command.js';
import { formatId } from '../../codec/imap/id.js';
import { type Outcome, ok } from '../outcome.js';
import type { Session } from '../session.js';

/** What goes into the log of what a client says of itself: enough to see who calls. */
const loggedFields = new Set(['name', 'version', 'os', 'vendor']);
const maxLoggedLength = 100;

/** RFC 2971. The client's words are for the log; nothing depends on them (RFC 2971 section 3 forbids that). */
export async function id(session: Session, command: IdCommand): Promise<Outcome> {
  const client: Record<string, string> = {};
  for (const [field, value] of command.parameters ?? []) {
    const name = field.toLowerCase();
    if (value !== null && loggedFields.has(name)) client[name] = value.slice(0, maxLoggedLength);
  }
  session.log.info({ client }, 'client');
  session.connection.write(`${formatId([['name', 'Vaguemestre']])}\r\n`);
  return ok('ID completed');
}
