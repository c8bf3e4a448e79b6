/** SELECT and EXAMINE (RFC 9051 6.3.2, 6.3.3; RFC 3501 6.3.1; CONDSTORE RFC 7162 3.1.2, 3.1.8). */
import { existsLine, listLine, statusLine } from '../../codec/imap/response.js';
import type { SelectCommand } from '../../codec/imap/select.js';
import { ImapSyntaxError } from '../../codec/imap/syntax-error.js';
import { MailError } from '../../kernel/errors.js';
import { findMailbox } from '../find-mailbox.js';
import { flagLists } from '../flag-lists.js';
import { type Outcome, ok } from '../outcome.js';
import { leaveMailbox, loginOf, namesInUtf8, type Session } from '../session.js';
import { createStoreBatches } from '../store-batches.js';

export async function select(session: Session, command: SelectCommand): Promise<Outcome> {
  const login = loginOf(session);
  const { connection } = session;
  const { account, enabled } = login;
  const { readOnly } = command;
  // RFC 7162 3.2.5: only after ENABLE QRESYNC, which is not offered.
  if (command.qresync !== undefined) throw new ImapSyntaxError('QRESYNC is not enabled');
  // RFC 9051 6.3.2: the mailbox selected before is left, even if this command fails. 7.1 CLOSED: where its responses end.
  if (session.state.kind === 'selected') {
    leaveMailbox(session);
    connection.write('* OK [CLOSED] Previous mailbox closed\r\n');
  }
  await account.refresh(connection.signal);
  const found = findMailbox(account, command.mailbox);
  if (found === undefined) throw new MailError('nonexistent', 'No such mailbox');
  if (command.condstore) enabled.condstore = true;
  const cursor = await account.open(found.id, connection.signal);
  // From here to the assignment nothing waits: what is said below is one moment of the mailbox.
  cursor.advance({ expunges: true });
  const { info, view } = cursor;
  let lines = flagLists(account, readOnly);
  lines += existsLine(view.count);
  // RFC 3501 7.3.2. RFC 9051 has no RECENT, and no UNSEEN here; it wants the name as LIST shows it (6.3.2).
  if (enabled.imap4rev2) lines += listLine('LIST', { attributes: [], path: info.path }, namesInUtf8(enabled));
  else {
    lines += '* 0 RECENT\r\n';
    if (info.firstUnseen > 0) lines += statusLine('*', 'OK', 'First unseen', `UNSEEN ${info.firstUnseen}`);
  }
  lines += statusLine('*', 'OK', 'UIDs valid', `UIDVALIDITY ${info.uidValidity}`);
  lines += statusLine('*', 'OK', 'Next UID', `UIDNEXT ${info.uidNext}`);
  lines += statusLine('*', 'OK', 'Newest change', `HIGHESTMODSEQ ${info.highestModseq}`);
  connection.write(lines);
  session.state = {
    kind: 'selected',
    login,
    mailbox: {
      cursor,
      readOnly,
      savedResult: new Uint32Array(0),
      treeMemo: { id: '', tree: undefined },
      stores: createStoreBatches((change) => account.storeFlags(found.id, change)),
      toldKeywords: account.keywords.length,
      toldModseq: info.highestModseq,
    },
  };
  return readOnly ? ok('EXAMINE completed', 'READ-ONLY') : ok('SELECT completed', 'READ-WRITE');
}
