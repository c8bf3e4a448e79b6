/** What must hold of an account at any time, and what it must look like beside the model. */
import assert from 'node:assert/strict';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { seenBit, systemFlags } from '@vaguemestre/server/mailstore/flags';
import type { MailboxInfo, MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import type { AccountModel } from '../mailbox-model.js';

/** Opens every mailbox and recomputes what its totals say (store design, invariant 2 and `after`). */
export async function checkTotals(account: Account): Promise<void> {
  let use = 0;
  for (const info of account.mailboxes()) {
    const cursor = await account.open(info.id);
    const { view } = cursor;
    await view.load(['id', 'size', 'date', 'thread', 'slot']);
    checkMailbox(cursor.info, view);
    use += cursor.info.bytes;
    cursor.close();
  }
  assert.equal(account.quota().usedBytes, use);
}

function checkMailbox(info: MailboxInfo, view: MailboxView): void {
  let [bytes, unseen, first] = [0, 0, 0];
  for (let i = 0; i < view.count; i++) {
    if (i > 0) assert.ok(view.uid[i]! > view.uid[i - 1]!, 'uids ascend');
    assert.ok(view.modseq[i]! <= info.highestModseq, 'HIGHESTMODSEQ covers every change');
    assert.notEqual(view.idAt(i), '0'.repeat(24));
    bytes += view.sizeAt(i);
    if ((view.flags[i]! & seenBit) !== 0) continue;
    unseen += 1;
    if (first === 0) first = i + 1;
  }
  assert.ok(view.count === 0 || view.uid[view.count - 1]! < info.uidNext, 'UIDNEXT is above every uid');
  const { exists, unseen: us, firstUnseen, bytes: by } = info;
  assert.deepEqual(
    { exists, us, firstUnseen, by },
    { exists: view.count, us: unseen, firstUnseen: first, by: bytes },
    info.path,
  );
}

export async function assertLikeModel(account: Account, model: AccountModel): Promise<void> {
  assert.equal(account.modseq, model.modseq);
  assert.deepEqual(
    account
      .mailboxes()
      .map((info) => info.path)
      .sort(),
    model.boxes.map((box) => box.path).sort(),
  );
  assert.deepEqual([...account.subscriptions()], [...model.subscriptions].sort());
  for (const box of model.boxes) {
    const cursor = await account.open(account.mailbox(box.path)!.id);
    const rows = Array.from({ length: cursor.view.count }, (_, i) => ({
      uid: cursor.view.uid[i],
      modseq: cursor.view.modseq[i],
      flags: flagNames(account, cursor.view, i),
    }));
    assert.deepEqual(
      rows,
      box.messages.map(({ uid, modseq, flags }) => ({ uid, modseq, flags: [...flags].sort() })),
      box.path,
    );
    assert.equal(cursor.info.uidNext, box.uidNext);
    cursor.close();
  }
}

function flagNames(account: Account, view: MailboxView, index: number): string[] {
  const words = view.flagsAt(index);
  return [...systemFlags, ...account.keywords]
    .filter((_, bit) => (words[bit >>> 5]! & (1 << (bit & 31))) !== 0)
    .map((name) => name.toLowerCase())
    .sort();
}

/** Two processes that know the same entry must show the same. */
export async function assertSame(one: Account, other: Account): Promise<void> {
  assert.equal(one.modseq, other.modseq);
  assert.deepEqual(one.mailboxes(), other.mailboxes());
  assert.deepEqual(one.keywords, other.keywords);
  for (const info of one.mailboxes()) {
    const [x, y] = [await one.open(info.id), await other.open(info.id)];
    assert.deepEqual(contentsOf(x.view), contentsOf(y.view), info.path);
    x.close();
    y.close();
  }
}

function contentsOf(view: MailboxView): unknown {
  return Array.from({ length: view.count }, (_, i) => [view.uid[i], view.modseq[i], view.flagsAt(i)]);
}
