import type { SupportWrites } from '../../database/commits.js';
import type { AccountState } from '../account-state.js';
import type { DeliveryOutcome, DeliveryRecipient } from '../delivery.js';
import type { Command } from '../draft.js';
import { seenBit } from '../flags.js';
import { idOfPath, inboxPath } from '../mailbox-path.js';
import { addOp } from './append.js';

export interface DeliverRequest {
  readonly recipient: DeliveryRecipient;
  readonly messageId: string;
  readonly thread: Uint8Array;
  /** Octets of prefix and content. */
  readonly size: number;
  /** INTERNALDATE in seconds. */
  readonly date: number;
  /** Given when a repeated hand-over is to be recognised. */
  readonly deliveryId: Uint8Array | undefined;
  readonly supports: SupportWrites;
  readonly supportBytes: number;
}

const deliveredBy = 'delivery';

/** One message into one account. Which mailbox, and whether it came before, is decided in the same entry (store design 2.5). */
export function deliverCommand(request: DeliverRequest): Command<DeliveryOutcome> {
  const { recipient, deliveryId, size } = request;
  return {
    by: deliveryId ?? deliveredBy,
    supports: request.supports,
    bytes: request.supportBytes + 1024,
    columns: [],
    run(entry): DeliveryOutcome {
      if (deliveryId !== undefined && entry.view.delivered(deliveryId)) return { kind: 'duplicate' };
      entry.checkQuota(size, recipient.quotaBytes);
      const box = targetBox(entry.view.state, recipient);
      const uid = entry.takeUids(box, 1);
      const words = entry.flagWords(recipient.flags ?? []);
      entry.ops.push(
        addOp({
          box,
          uid,
          id: Buffer.from(request.messageId, 'hex'),
          size,
          date: request.date,
          words,
          thread: request.thread,
          slot: entry.takeSlot(box),
          uidl: undefined,
        }),
      );
      entry.countAdded(box, 1, (words[0] & seenBit) === 0 ? 1 : 0, 0, size);
      return { kind: 'stored', uid };
    },
  };
}

/** Junk goes to the junk mailbox; `user+detail` to the mailbox of that name; everything else to INBOX. */
export function targetBox(state: AccountState, recipient: DeliveryRecipient): string {
  const inbox = idOfPath(state, inboxPath);
  if (inbox === undefined) throw new TypeError('the account has no INBOX');
  if (recipient.junk === true) {
    for (const box of state.boxes.values()) if (box.role === 'junk') return box.id;
    return inbox;
  }
  if (recipient.detail === undefined || recipient.detail === '') return inbox;
  const wanted = fold(recipient.detail);
  const below = `${fold(inboxPath)}/${wanted}`;
  let found: string | undefined;
  for (const [path, id] of state.paths) {
    const folded = fold(path);
    if (folded === wanted) return id;
    if (folded === below) found = id;
  }
  return found ?? inbox;
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
