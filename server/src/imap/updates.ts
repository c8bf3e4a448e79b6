/**
 * What others did to the selected mailbox, told as untagged responses (RFC 9051 7.5.1, 7.4.1, 7.5.2). The cursor says what is
 * new; this writes it: keywords before the flags that use them, EXPUNGE from the last number to the first, then EXISTS, then
 * FETCH. The session's own flag changes are not among it: the command that made them has told them.
 */
import { existsLine, expungeLine } from '../codec/imap/response.js';
import { noColumns, writeColumns } from './fetch-columns.js';
import { tellKeywords } from './flag-lists.js';
import type { Selected, Session } from './session.js';

/**
 * `expunges` false: numbers must keep their meaning, as after FETCH, STORE and SEARCH (RFC 9051 7.5.1); what is held back
 * comes later. When the mailbox itself is gone the session ends: no response says that a selected mailbox ceased to be, and
 * going on would let a client take the next of that name for it (RFC 2180 3.3).
 */
export async function sendUpdates(
  session: Session,
  selected: Selected,
  options: { readonly expunges: boolean },
): Promise<void> {
  const { login, mailbox } = selected;
  const { cursor } = mailbox;
  const { connection } = session;
  if (!cursor.pending) return;
  const delta = cursor.advance(options);
  if (delta.gone) {
    connection.write('* BYE The selected mailbox was deleted\r\n');
    connection.end();
    session.state = { kind: 'logout' };
    cursor.close();
    login.account.release();
    return;
  }
  mailbox.toldModseq = delta.highestModseq;
  if (delta.keywordsGrew) tellKeywords(session, selected);
  const { expunged } = delta;
  for (let end = expunged.length; end > 0; end -= expungeBatch) {
    let lines = '';
    for (let i = end - 1; i >= Math.max(0, end - expungeBatch); i--) lines += expungeLine(expunged[i]!);
    connection.write(lines);
    await connection.drained();
  }
  if (delta.exists !== undefined) connection.write(existsLine(delta.exists));
  if (delta.changed.length === 0) return;
  const { condstore, imap4rev2 } = login.enabled;
  await writeColumns(session, selected, delta.changed, {
    ...noColumns,
    // RFC 9051 7.5.2 and RFC 7162 3.2: a client of these takes changes by UID.
    uid: condstore || imap4rev2,
    flags: true,
    modseq: condstore,
  });
}

const expungeBatch = 2_000;
