/** The emails of an account as its mailboxes show them, read message by message: what the packed index and `changesSince` must say. */
import assert from 'node:assert/strict';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type { AccountChanges } from '@vaguemestre/server/mailstore/account-changes';
import { deletedBit, systemFlags } from '@vaguemestre/server/mailstore/flags';

export interface SnapshotPlace {
  readonly mailbox: string;
  readonly uid: number;
  /** In lower case. */
  flags: ReadonlySet<string>;
}

export interface SnapshotEmail {
  readonly id: string;
  readonly thread: string;
  readonly size: number;
  readonly date: number;
  places: SnapshotPlace[];
}

export interface Snapshot {
  readonly modseq: number;
  readonly emails: Map<string, SnapshotEmail>;
  /** Path, role and subscription by id, then the counts. */
  readonly mailboxes: Map<string, { readonly named: string; readonly counts: string }>;
}

export async function takeSnapshot(account: Account): Promise<Snapshot> {
  const emails = new Map<string, SnapshotEmail>();
  for (const info of account.mailboxes()) {
    const cursor = await account.open(info.id);
    const { view } = cursor;
    await view.load(['id', 'size', 'date', 'thread']);
    for (let i = 0; i < view.count; i++) {
      // RFC 8621 4.1.1: not visible via JMAP.
      if ((view.flags[i]! & deletedBit) !== 0) continue;
      const id = view.idAt(i);
      let email = emails.get(id);
      if (email === undefined) {
        email = { id, thread: view.threadAt(i), size: view.sizeAt(i), date: view.dateAt(i), places: [] };
        emails.set(id, email);
      }
      const words = view.flagsAt(i);
      const names = [...systemFlags, ...account.keywords].filter(
        (_, bit) => (words[bit >>> 5]! & (1 << (bit & 31))) !== 0,
      );
      const flags = new Set(names.map((name) => name.toLowerCase()));
      email.places.push({ mailbox: info.id, uid: view.uid[i]!, flags });
    }
    cursor.close();
  }
  const mailboxes = new Map<string, { named: string; counts: string }>();
  for (const { id, path, role, subscribed } of account.mailboxes()) {
    mailboxes.set(id, { named: JSON.stringify([path, role, subscribed]), counts: countsOf(emails, id, account) });
  }
  return { modseq: account.modseq, emails, mailboxes };
}

export function unionOf(email: SnapshotEmail): ReadonlySet<string> {
  const union = new Set(email.places.flatMap((place) => [...place.flags]));
  if (!email.places.every((place) => place.flags.has('\\seen'))) union.delete('\\seen');
  return union;
}

function countsOf(emails: ReadonlyMap<string, SnapshotEmail>, mailbox: string, account: Account): string {
  const trash = account.mailboxByRole('trash')?.id;
  const all = [...emails.values()];
  const isUnread = (email: SnapshotEmail): boolean => !unionOf(email).has('\\seen') && !unionOf(email).has('\\draft');
  const isIn = (email: SnapshotEmail, box: string | undefined): boolean =>
    email.places.some((place) => place.mailbox === box);
  const here = all.filter((email) => isIn(email, mailbox));
  const heard =
    mailbox === trash ? here : all.filter((email) => !email.places.every((place) => place.mailbox === trash));
  const threads = new Set(here.map((email) => email.thread));
  const unread = new Set(heard.filter(isUnread).map((email) => email.thread));
  return JSON.stringify({
    emails: here.length,
    unread: here.filter(isUnread).length,
    threads: threads.size,
    unreadThreads: [...threads].filter((thread) => unread.has(thread)).length,
  });
}

/** The index says what the mailboxes show. */
export async function assertIndexed(account: Account, snapshot: Snapshot): Promise<void> {
  const index = await account.emails();
  assert.equal(index.asOf, snapshot.modseq);
  assert.equal(index.live, snapshot.emails.size);
  for (const email of snapshot.emails.values()) {
    const number = index.numberOf(email.id);
    assert.ok(number >= 0, `email ${email.id} is indexed`);
    assert.equal(index.idAt(number), email.id);
    assert.equal(index.threadAt(number), email.thread);
    assert.equal(index.sizeAt(number), email.size);
    assert.equal(index.dateAt(number), email.date);
    const places = (list: readonly { readonly mailbox: string; readonly uid: number }[]): string[] =>
      list.map(({ mailbox, uid }) => `${mailbox}/${uid}`).sort();
    assert.deepEqual(places(index.placesOf(number)), places(email.places));
    const words = index.flagsAt(number);
    const flags = [...systemFlags, ...account.keywords].filter(
      (_, bit) => (words[bit >>> 5]! & (1 << (bit & 31))) !== 0,
    );
    assert.deepEqual(flags.map((flag) => flag.toLowerCase()).sort(), [...unionOf(email)].sort());
    const others = [...snapshot.emails.values()].filter((other) => other.thread === email.thread);
    assert.deepEqual(
      [...index.thread(email.thread)].map((other) => index.idAt(other)).sort(),
      others.map((other) => other.id).sort(),
    );
  }
  for (const [id, { counts }] of snapshot.mailboxes) {
    assert.equal(JSON.stringify(index.counts(id)), counts, `counts of ${id}`);
    const here = [...snapshot.emails.values()].filter((email) => email.places.some((place) => place.mailbox === id));
    assert.deepEqual(
      [...index.inMailbox(id)].map((number) => index.idAt(number)).sort(),
      here.map((email) => email.id).sort(),
    );
  }
}

/** What changed is told, and nothing is told to have come or gone that did not. */
export function assertChanges(changes: AccountChanges, before: Snapshot, after: Snapshot): void {
  assertObjects(
    changes.emails,
    seen(before.emails, (email) => JSON.stringify([boxesOf(email), [...unionOf(email)].sort()])),
    seen(after.emails, (email) => JSON.stringify([boxesOf(email), [...unionOf(email)].sort()])),
  );
  for (const id of changes.onlyKeywords) {
    assert.deepEqual(boxesOf(before.emails.get(id)!), boxesOf(after.emails.get(id)!), 'only its keywords changed');
  }
  assertObjects(changes.threads, threadsOf(before), threadsOf(after));
  assertObjects(
    changes.mailboxes,
    seen(before.mailboxes, (box) => box.named + box.counts),
    seen(after.mailboxes, (box) => box.named + box.counts),
  );
  for (const id of changes.onlyCounts) {
    assert.equal(before.mailboxes.get(id)!.named, after.mailboxes.get(id)!.named, 'only its counts changed');
  }
}

function boxesOf(email: SnapshotEmail): readonly string[] {
  return [...new Set(email.places.map((place) => place.mailbox))].sort();
}

function threadsOf(snapshot: Snapshot): Map<string, string> {
  const threads = new Map<string, string[]>();
  for (const { id, thread } of snapshot.emails.values()) threads.set(thread, [...(threads.get(thread) ?? []), id]);
  return new Map([...threads].map(([thread, ids]) => [thread, ids.sort().join()]));
}

function seen<T>(objects: ReadonlyMap<string, T>, of: (object: T) => string): Map<string, string> {
  return new Map([...objects].map(([id, object]) => [id, of(object)]));
}

interface Told {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly destroyed: readonly string[];
}

function assertObjects(told: Told, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const all = [...told.created, ...told.updated, ...told.destroyed];
  assert.equal(new Set(all).size, all.length, 'each is told once');
  // Whether something was marked \\Deleted before, the log does not always say: it may be told to have come or gone once more.
  for (const id of after.keys()) if (!before.has(id)) assert.ok(told.created.includes(id), `${id} came`);
  for (const id of before.keys()) if (!after.has(id)) assert.ok(told.destroyed.includes(id), `${id} went`);
  for (const id of told.created) assert.ok(after.has(id), 'created is what is there');
  for (const id of told.destroyed) assert.ok(!after.has(id), 'destroyed is what is not there');
  for (const id of told.updated) assert.ok(before.has(id) && after.has(id), 'updated is what stayed');
  for (const [id, now] of after) {
    const isTold = told.updated.includes(id) || told.created.includes(id);
    if (before.has(id) && before.get(id) !== now) assert.ok(isTold, `${id} changed`);
  }
}
