import { MailError } from '../../kernel/errors.js';
import type { MessageId, ModSeq, ThreadId } from '../../kernel/ids.js';
import type { AccountView } from '../account-view.js';
import type { Command } from '../draft.js';
import type {
  CreatedEmail,
  EmailCreate,
  EmailRefusal,
  EmailSet,
  EmailSetResult,
  EmailUpdate,
  FlagPatch,
  MailboxPatch,
} from '../email-set.js';
import type { Emails } from '../emails.js';
import type { EntryBuilder } from '../entry-builder.js';
import { deletedBit, type FlagWords, noFlags, seenBit } from '../flags.js';
import type { StagedForAccount } from '../incoming-message.js';
import { messageDocument } from '../message-document.js';
import { signatureDocument } from '../signature-document.js';
import { addOp, storableDate } from './append.js';
import { MailboxEdits } from './mailbox-edits.js';
import { checkAt } from './placed.js';
import type { Masks } from './store-flags.js';

/** The email index was dropped between the call and its turn: build it and try again. */
export class EmailsAway extends Error {}

interface Options {
  readonly by: string;
  readonly nowSeconds: number;
  readonly quotaBytes: number | undefined;
}

/**
 * Creates, changes and destroys of emails in any number of mailboxes: one entry (contract: email-set.ts). What cannot be done is
 * refused one by one and leaves no trace; quota is judged on what is left after everything that goes (store design section 5).
 */
export function setEmailsCommand(
  view: AccountView,
  set: EmailSet,
  staged: readonly StagedForAccount[],
  options: Options,
): Command<EmailSetResult> {
  const { account } = view;
  const dates = set.creates.map(({ receivedAt }) => storableDate(receivedAt ?? options.nowSeconds));
  const touched = [...set.updates.map(({ id }) => id), ...set.destroys];
  return {
    by: options.by,
    supports: {
      contents: staged.map(({ document }) => document),
      messages: staged.map((one, i) => {
        const box = set.creates[i]!.mailboxes[0] ?? '';
        return messageDocument(one, { account, id: one.id, thread: one.thread, box, date: dates[i]! });
      }),
      signatures: staged.map((one) => signatureDocument(one.facts, { account, id: one.id })),
      segments: [],
    },
    bytes: staged.reduce((sum, { document }) => sum + document.b.length + 4096, 4096 + 64 * touched.length),
    // The emails are looked up in the index, which stands where the view stands: nothing may come between.
    alone: true,
    get columns() {
      const emails = view.emails.current;
      return emails === undefined ? [] : boxesOf(emails, touched).map((box) => ({ box, cold: true }));
    },
    run(entry) {
      const { n } = entry.view.state;
      const emails = view.emails.current;
      if (emails === undefined || emails.asOf !== n) throw new EmailsAway();
      checkAt(entry, set.ifModseq);
      const work = new EmailWork(account, entry, emails, options.quotaBytes);
      const destroyed = set.destroys.map((id) => work.destroy(id));
      const updated = set.updates.map((update) => work.update(update));
      const created = set.creates.map((create, i) => work.create(create, staged[i]!, dates[i]!));
      work.edits.write();
      const modseq = (entry.ops.length === 0 ? n : entry.n) as ModSeq;
      return { before: n as ModSeq, modseq, created, updated, destroyed };
    },
  };
}

function boxesOf(emails: Emails, ids: readonly string[]): readonly string[] {
  const boxes = new Set<string>();
  for (const id of ids) {
    const number = emails.numberOf(id);
    if (number >= 0) for (const box of emails.mailboxesOf(number)) boxes.add(box);
  }
  return [...boxes];
}

const refuse = (refused: EmailRefusal['refused']): EmailRefusal => ({ refused });

class EmailWork {
  readonly edits: MailboxEdits;
  readonly #entry: EntryBuilder;
  readonly #emails: Emails;
  readonly #quotaBytes: number | undefined;
  /** Emails that were dealt with: the columns show them as they were before. */
  readonly #done = new Set<number>();
  /** What the account will hold. */
  #use: number;

  constructor(account: string, entry: EntryBuilder, emails: Emails, quotaBytes: number | undefined) {
    this.#entry = entry;
    this.#emails = emails;
    this.#quotaBytes = quotaBytes;
    this.#use = entry.use;
    this.edits = new MailboxEdits(account, entry);
  }

  destroy(id: string): EmailRefusal | undefined {
    const email = this.#take(id);
    if (email < 0) return refuse('nonexistent');
    for (const { mailbox, uid } of this.#emails.placesOf(email)) {
      this.edits.remove(mailbox, uid);
      this.#use -= this.#emails.sizeAt(email);
    }
    return undefined;
  }

  update({ id, flags, mailboxes }: EmailUpdate): EmailRefusal | undefined {
    const emails = this.#emails;
    const email = this.#take(id);
    if (email < 0) return refuse('nonexistent');
    const now = new Set<string>(emails.mailboxesOf(email));
    const wanted = mailboxes === undefined ? now : wantedBoxes(now, mailboxes);
    if (wanted.size === 0) return refuse('nowhere');
    const added = [...wanted].filter((box) => !now.has(box));
    if (added.some((box) => !this.#exists(box))) return refuse('mailbox');
    const places = emails.placesOf(email);
    const leaving = places.filter(({ mailbox }) => !wanted.has(mailbox));
    const net = (added.length - leaving.length) * emails.sizeAt(email);
    if (!this.#fits(net)) return refuse('overQuota');
    const masks = flags === undefined ? { on: noFlags, off: noFlags } : this.#masks(flags);
    if ('refused' in masks) return masks;
    this.#use += net;
    for (const { mailbox, uid } of leaving) this.edits.remove(mailbox, uid);
    for (const { mailbox, uid } of places) if (wanted.has(mailbox)) this.edits.flag(mailbox, uid, masks);
    const words = changed(emails.flagsAt(email), masks);
    for (const box of added) this.edits.add(box, places[0]!, [words[0] & ~deletedBit, words[1], words[2], words[3]]);
    return undefined;
  }

  create(create: EmailCreate, staged: StagedForAccount, date: number): CreatedEmail | EmailRefusal {
    const boxes = [...new Set(create.mailboxes)];
    if (boxes.length === 0) return refuse('nowhere');
    if (boxes.some((box) => !this.#exists(box))) return refuse('mailbox');
    const net = staged.size * boxes.length;
    if (!this.#fits(net)) return refuse('overQuota');
    const masks = this.#masks({ on: create.flags, off: [] });
    if ('refused' in masks) return masks;
    this.#use += net;
    const words = masks.on;
    // One message, one slot, wherever it lies.
    const slot = this.#entry.takeSlot(boxes[0]!);
    for (const box of boxes) {
      this.edits.create(
        box,
        addOp({
          box,
          uid: this.#entry.takeUids(box, 1),
          id: Buffer.from(staged.id, 'hex'),
          size: staged.size,
          date,
          words,
          thread: staged.thread,
          slot,
          uidl: undefined,
        }),
        { seen: (words[0] & seenBit) !== 0, bytes: staged.size },
      );
    }
    return {
      id: staged.id as MessageId,
      thread: Buffer.from(staged.thread).toString('hex') as ThreadId,
      size: staged.size,
      receivedAt: date,
    };
  }

  /** Number of an email that was not dealt with yet, -1 if there is none. */
  #take(id: string): number {
    const email = this.#emails.numberOf(id);
    if (email < 0 || this.#done.has(email)) return -1;
    this.#done.add(email);
    return email;
  }

  #exists(box: string): boolean {
    return this.#entry.view.state.boxes.has(box);
  }

  #fits(net: number): boolean {
    return this.#quotaBytes === undefined || net <= 0 || this.#use + net <= this.#quotaBytes;
  }

  #masks({ on, off }: FlagPatch): Masks | EmailRefusal {
    try {
      const wordsOn = this.#entry.flagWords(on);
      const wordsOff: FlagWords = off === 'all' ? [~deletedBit, -1, -1, -1] : this.#entry.flagWords(off, false);
      return { on: wordsOn, off: wordsOff };
    } catch (error) {
      if (error instanceof MailError && (error.code === 'limit' || error.code === 'invalid')) return refuse(error.code);
      throw error;
    }
  }
}

function wantedBoxes(now: ReadonlySet<string>, patch: MailboxPatch): Set<string> {
  if (patch.kind === 'replace') return new Set(patch.mailboxes);
  const wanted = new Set(now);
  for (const box of patch.remove) wanted.delete(box);
  for (const box of patch.add) wanted.add(box);
  return wanted;
}

function changed(words: FlagWords, { on, off }: Masks): FlagWords {
  return [
    (words[0] & ~off[0]) | on[0],
    (words[1] & ~off[1]) | on[1],
    (words[2] & ~off[2]) | on[2],
    (words[3] & ~off[3]) | on[3],
  ];
}
