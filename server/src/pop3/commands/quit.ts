/**
 * QUIT (RFC 1939 4, 6): in the TRANSACTION state what was deleted goes, all of it or nothing, and only then the client is told.
 * A lost QUIT did nothing, and a QUIT whose answer was lost is harmless to repeat: the messages are not there any more.
 */
import { MailError } from '../../kernel/errors.js';
import { stopMarking } from '../marking.js';
import { type Outcome, ok, type Pop3Session, refuseIn } from '../session.js';
import { say } from '../words.js';

export async function quit(session: Pop3Session): Promise<Outcome> {
  const { state } = session;
  if (state.kind !== 'transaction') {
    session.state = { kind: 'ended' };
    return ok(session, say('bye', session.lang));
  }
  await stopMarking(session);
  try {
    await state.maildrop.update(state.principal.takenMail);
    return ok(session, say('bye', session.lang));
  } catch (error) {
    session.log.warn(
      { err: error, account: state.principal.account },
      'deletions of a POP3 session were not committed',
    );
    const uncertain = error instanceof MailError && error.uncertain;
    return refuseIn(session, uncertain ? 'uncertain' : 'notRemoved', 'SYS/TEMP');
  } finally {
    session.ending = true;
  }
}
