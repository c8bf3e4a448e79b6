import { noSupportWrites } from '../../database/commits.js';
import type { MailboxId } from '../../kernel/ids.js';
import type { Settlement } from '../account.js';
import type { Command } from '../draft.js';
import type { FlagWords } from '../flags.js';
import { MailboxEdits } from './mailbox-edits.js';

const nothingOff: FlagWords = [0, 0, 0, 0];

/** The end of a maildrop session: marks and removals of one mailbox as one entry (design, Names that protocols share). */
export function settleCommand(
  account: string,
  mailbox: MailboxId,
  { marks, gone }: Settlement,
  by: string,
): Command<{ readonly gone: number }> {
  const named = marks.reduce((sum, { uids }) => sum + uids.length, gone.length);
  return {
    by,
    supports: noSupportWrites,
    bytes: 512 + 24 * named,
    columns: [{ box: mailbox, cold: gone.length > 0 }],
    run(entry) {
      entry.box(mailbox);
      const columns = entry.view.columns(mailbox);
      const edits = new MailboxEdits(account, entry);
      for (const { uids, flags } of marks) {
        // A keyword that no message gets is not made.
        if (columns.indexesOf(uids).length === 0) continue;
        const masks = { on: entry.flagWords(flags), off: nothingOff };
        for (const uid of uids) edits.flag(mailbox, uid, masks);
      }
      for (const uid of gone) edits.remove(mailbox, uid);
      edits.write();
      return { gone: columns.indexesOf(gone).length };
    },
  };
}
