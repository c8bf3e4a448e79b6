import { MailError } from '../../kernel/errors.js';
import type { ModSeq } from '../../kernel/ids.js';
import type { Command } from '../draft.js';
import type { EntryBuilder } from '../entry-builder.js';
import type { Placed } from '../mailbox-set.js';

/** MailError conflict unless the account is at that entry; looked at in the step that commits, so that it holds. */
export function checkAt({ view }: EntryBuilder, modseq: number | undefined): void {
  if (modseq !== undefined && modseq !== view.state.n) {
    throw new MailError('conflict', 'The account has changed meanwhile');
  }
}

/** The command with the place of its entry in the log, refused unless the account is at `ifModseq`. */
export function placed<T>(ifModseq: number | undefined, command: Command<T>): Command<Placed<T>> {
  return {
    ...command,
    run(entry) {
      checkAt(entry, ifModseq);
      const done = command.run(entry);
      return { done, modseq: entry.ops.length === 0 ? undefined : (entry.n as ModSeq) };
    },
  };
}
