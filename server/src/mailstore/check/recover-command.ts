import { noSupportWrites } from '../../database/commits.js';
import type { MessagePlaceDocument } from '../../database/messages.js';
import type { Command } from '../draft.js';
import { addOp } from '../operations/append.js';
import { createWithParents } from '../operations/mailboxes.js';

/** A message whose mailbox lost it. */
export type LostMessage = MessagePlaceDocument;

export const recoveredPath = 'Recovered';

/** Puts lost messages into the mailbox "Recovered", which is made if it is not there: new uids, no flags. */
export function recoverCommand(messages: readonly LostMessage[], nowSeconds: number): Command<void> {
  return {
    by: 'check',
    supports: noSupportWrites,
    bytes: 256 * messages.length,
    columns: [],
    run(entry) {
      const { state } = entry.view;
      const box = state.paths.get(recoveredPath) ?? createWithParents(entry, state, recoveredPath, {}, nowSeconds);
      for (const message of messages) {
        entry.ops.push(
          addOp({
            box,
            uid: entry.takeUids(box, 1),
            id: Buffer.from(message.id, 'hex'),
            size: message.size,
            date: message.date,
            words: [0, 0, 0, 0],
            thread: message.thread,
            slot: entry.takeSlot(box),
            uidl: undefined,
          }),
        );
        entry.countAdded(box, 1, 1, 0, message.size);
      }
    },
  };
}
