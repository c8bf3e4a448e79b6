/**
 * The policy *after N days* for mail that POP3 deleted (design, Names that protocols share): it goes once it was hidden for so long.
 * No message carries the date: each day the service notes where the account's log stands, and what was last changed at or before
 * the entry of N days ago has been hidden at least as long. Who changed something about such a message meanwhile, by reading it in
 * the webmail say, keeps it so much longer. Mail that was put into another mailbox stays.
 */
import type { DayMark, MaildropNotesCollection } from '../database/maildrop-notes.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';
import { bitOf } from '../mailstore/keyword-table.js';
import { inboxPath } from '../mailstore/mailbox-path.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import { hiddenKeyword, keywordTest } from './maildrop.js';

export interface ForgetTakenParts {
  readonly mailstore: Pick<Mailstore, 'openAccount'>;
  readonly notes: Pick<MaildropNotesCollection, 'get' | 'setDays'>;
  readonly clock: Clock;
}

const dayMs = 24 * 3_600_000;
/** A day is noted when the last note is so old: the chore comes every hour. */
const noteEveryMs = 20 * 3_600_000;

/** Resolves with how many messages went. Called again on the same day it does nothing. */
export async function forgetTaken(
  { mailstore, notes, clock }: ForgetTakenParts,
  { account, days }: { readonly account: AccountId; readonly days: number },
): Promise<number> {
  const nowMs = clock.nowMs();
  const noted = (await notes.get(account)).days ?? [];
  const newest = noted.at(-1);
  if (newest !== undefined && nowMs - newest.t.getTime() < noteEveryMs) return 0;
  const handle = await mailstore.openAccount(account, { by: 'pop3-upkeep' });
  try {
    await handle.refresh();
    const n = handle.modseq;
    const old = noted.filter(({ t }) => nowMs - t.getTime() >= days * dayMs);
    const limit = old.at(-1);
    const gone = limit === undefined ? 0 : await forgetUpTo(handle, limit.n);
    // Of those that are old enough only the newest is ever asked for again.
    const kept: DayMark[] = [...noted.slice(Math.max(0, old.length - 1)), { t: new Date(nowMs), n }];
    await notes.setDays(account, kept);
    return gone;
  } finally {
    handle.release();
  }
}

async function forgetUpTo(
  handle: Awaited<ReturnType<ForgetTakenParts['mailstore']['openAccount']>>,
  n: number,
): Promise<number> {
  const inbox = handle.mailbox(inboxPath);
  const bit = bitOf(hiddenKeyword, handle.keywords);
  if (inbox === undefined || bit < 0) return 0;
  const cursor = await handle.open(inbox.id);
  try {
    const { view } = cursor;
    const isHidden = keywordTest(view, bit);
    const uids: number[] = [];
    for (let i = 0; i < view.count; i++) if (view.modseq[i]! <= n && isHidden(i)) uids.push(view.uid[i]!);
    if (uids.length === 0) return 0;
    return (await handle.settle(inbox.id, { marks: [], gone: Uint32Array.from(uids) })).gone;
  } finally {
    cursor.close();
  }
}
