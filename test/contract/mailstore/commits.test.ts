/** The commit protocol where it is hard (store design 2.4, 2.5 and rule d): lost races, unknown outcomes, clocks that jump. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ChangeFeed } from '@vaguemestre/server/database/change-feed';
import type { CommitOutcome, Commits } from '@vaguemestre/server/database/commits';
import type { ChangeDocument } from '@vaguemestre/server/database/documents';
import { type AccountId, newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { movingClock } from '../../harness/moving-clock.js';
import { appendOctets, inboxOf, letter, rowsOf, uidsOf } from '../../harness/store-messages.js';

const unknown: CommitOutcome = { kind: 'unknown', error: new Error('the wire broke') };
const minuteMs = 60_000;

/** What a test does in place of the next write of entries; undefined lets it pass. */
type Interference = (entries: readonly ChangeDocument[], write: () => Promise<CommitOutcome>) => Promise<CommitOutcome>;

describe('commits', () => {
  let database: TestDatabase;
  let other: TestStore;
  let store: TestStore;
  let interfere: Interference | undefined;
  let attempts: (readonly ChangeDocument[])[] = [];
  let segmentsWritten: string[] = [];
  const clock = movingClock();

  before(async () => {
    database = await startTestDatabase();
    other = await database.open();
    store = await database.open({
      clock,
      wrap: (real) => ({
        ...real,
        commits: faulty(real.commits),
        // Nothing is heard of others: races are lost for certain.
        feed: silentFeed(),
      }),
    });
  });
  after(() => database.close());

  function faulty(real: Commits): Commits {
    const attempt = (
      entries: readonly ChangeDocument[],
      write: () => Promise<CommitOutcome>,
    ): Promise<CommitOutcome> => {
      attempts.push(entries);
      const once = interfere;
      interfere = undefined;
      return once === undefined ? write() : once(entries, write);
    };
    return {
      ...real,
      write(supports, entries) {
        segmentsWritten.push(...supports.segments.map((segment) => segment._id));
        return attempt(entries, () => real.write(supports, entries));
      },
      insertEntries: (entries) => attempt(entries, () => real.insertEntries(entries)),
    };
  }

  function silentFeed(): ChangeFeed {
    let end: (error: Error) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    ended.catch(() => undefined);
    return { open: async () => undefined, next: () => ended, close: async () => end(new Error('closed')) };
  }

  async function begin(): Promise<[Account, Account]> {
    const id = newAccountId();
    await store.mailstore.createAccount(id, { lang: 'en' });
    const account = await store.mailstore.openAccount(id, { by: 'mine' });
    const rival = await other.mailstore.openAccount(id, { by: 'rival' });
    attempts = [];
    segmentsWritten = [];
    interfere = undefined;
    return [account, rival];
  }

  const logOf = (id: AccountId): Promise<readonly ChangeDocument[]> => store.database.changes.after(id, 1, 1_000);

  it('that are written though nobody hears of it are recognised by their writer, and happen once', async () => {
    const [account] = await begin();
    interfere = async (_entries, write) => {
      await write();
      return unknown;
    };
    assert.equal(await appendOctets(account, inboxOf(account), letter('a')), 1);
    assert.equal(attempts.length, 2);
    assert.deepEqual(attempts[0], attempts[1], 'the very same documents again');
    assert.equal((await logOf(account.id)).length, 1);
    assert.equal(account.mailbox('INBOX')!.exists, 1);
  });

  it('that are lost on the way are sent again', async () => {
    const [account] = await begin();
    interfere = async () => unknown;
    assert.equal(await appendOctets(account, inboxOf(account), letter('a')), 1);
    assert.equal((await logOf(account.id)).length, 1);
  });

  it('of which a part was written go on behind it', async () => {
    const [account] = await begin();
    const inbox = inboxOf(account);
    interfere = async (entries) => {
      await store.database.commits.writeSupports({ contents: [], messages: [], signatures: [], segments: [] });
      await store.database.commits.insertEntries(entries.slice(0, 2));
      return unknown;
    };
    const results = await Promise.all(['x', 'y', 'z'].map((path) => account.create(path)));
    assert.deepEqual(
      results.map((info) => info.path),
      ['x', 'y', 'z'],
    );
    const log = await logOf(account.id);
    assert.equal(log.length, 3);
    assert.equal(new Set(log.map((entry) => entry.w)).size, 3);
    assert.ok(
      log.every((entry, i) => entry.p === (log[i - 1]?.w ?? '')),
      'the chain holds',
    );
    await appendOctets(account, inbox, letter('after'));
  });

  it('that lose a race are computed anew, with other uids and the same messages', async () => {
    const [account, rival] = await begin();
    interfere = async (_entries, write) => {
      await appendOctets(rival, inboxOf(rival), letter('rival'));
      return write();
    };
    assert.equal(await appendOctets(account, inboxOf(account), letter('mine')), 2);
    assert.equal(attempts[0]![0]!.w, attempts[1]![0]!.w, 'one command keeps its w');
    assert.deepEqual([attempts[0]![0]!.n, attempts[1]![0]!.n], [2, 3]);
    await rival.refresh();
    assert.equal(rival.mailbox('INBOX')!.exists, 2);
  });

  it('that lose a race may have another answer', async () => {
    const [account, rival] = await begin();
    const inbox = inboxOf(account);
    interfere = async (_entries, write) => {
      await rival.create('Taken');
      return write();
    };
    await assert.rejects(account.create('Taken'), { code: 'alreadyExists' });
    await appendOctets(account, inbox, letter('a'));
    await rival.refresh();
    const since = account.modseq;
    interfere = async (_entries, write) => {
      await rival.storeFlags(inbox, { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Flagged'] });
      return write();
    };
    const result = await account.storeFlags(inbox, {
      uids: Uint32Array.of(1),
      mode: 'add',
      flags: ['\\Seen'],
      unchangedSince: since,
    });
    assert.deepEqual([[...result.changed], [...result.conflicts]], [[], [1]]);
  });

  it('answer behind a lost race what is true after it, for the whole batch', async () => {
    const [account, rival] = await begin();
    interfere = async (_entries, write) => {
      await rival.create('b');
      return write();
    };
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'a'].map((path) => account.create(path)));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.path : outcome.reason.code)),
      ['a', 'alreadyExists', 'c', 'alreadyExists'],
    );
  });

  it('write spilled segments under new ids when they lost a race', async () => {
    const [account, rival] = await begin();
    const inbox = inboxOf(account);
    await appendOctets(account, inbox, letter('seed'));
    for (let have = 1; have < 4_200; have *= 2) {
      const uids = Uint32Array.from({ length: Math.min(have, 4_200 - have) }, (_, i) => i + 1);
      await account.copy(inbox, uids, inbox);
    }
    await rival.refresh();
    segmentsWritten = [];
    interfere = async (_entries, write) => {
      await rival.create('Elsewhere');
      return write();
    };
    const uids = Uint32Array.from({ length: 4_200 }, (_, i) => i + 1);
    const result = await account.move(inbox, uids, account.mailbox('Archive')!.id);
    assert.equal(result.targetUids.length, 4_200);
    assert.equal(segmentsWritten.length % 2, 0);
    assert.equal(new Set(segmentsWritten).size, segmentsWritten.length);
    const named = (await logOf(account.id)).at(-1)!.ops.flatMap((op) => (op as { segs?: string[] }).segs ?? []);
    assert.deepEqual(
      named.map((s) => `${account.id}/${s}`).sort(),
      segmentsWritten.slice(segmentsWritten.length / 2).sort(),
    );
  });

  it('that stay unknown are "unavailable", and are there afterwards if they happened', async () => {
    const [account] = await begin();
    const inbox = inboxOf(account);
    interfere = async (_entries, write) => {
      await write();
      interfere = async () => {
        clock.move(40_000);
        return unknown;
      };
      return unknown;
    };
    await assert.rejects(appendOctets(account, inbox, letter('a')), {
      code: 'unavailable',
      temporary: true,
      uncertain: true,
    });
    assert.equal(await appendOctets(account, inbox, letter('b')), 2);
    const cursor = await account.open(inbox);
    assert.deepEqual(uidsOf(cursor.view), [1, 2]);
    cursor.close();
  });

  it('do not count when they were acknowledged an hour after the view was known current', async () => {
    const [account] = await begin();
    const inbox = inboxOf(account);
    interfere = async (_entries, write) => {
      const outcome = await write();
      clock.move(61 * minuteMs);
      return outcome;
    };
    await assert.rejects(appendOctets(account, inbox, letter('a')), { code: 'unavailable' });
    assert.equal(await appendOctets(account, inbox, letter('b')), 2);
  });

  it('are built on a view that is read again when it is older than ten minutes', async () => {
    const [account, rival] = await begin();
    const inbox = inboxOf(account);
    await appendOctets(rival, inbox, letter('rival'));
    clock.move(11 * minuteMs);
    assert.equal(await appendOctets(account, inbox, letter('a')), 2);
    assert.equal(attempts.length, 1, 'no race was lost');
  });

  it('go on from the root when the log below it was pruned while the process slept, and sessions see what went', async () => {
    const [account, rival] = await begin();
    const inbox = inboxOf(account);
    for (const subject of ['a', 'b', 'c']) await appendOctets(account, inbox, letter(subject));
    const cursor = await account.open(inbox);
    await rival.refresh();
    await rival.storeFlags(inbox, { uids: Uint32Array.of(2), mode: 'add', flags: ['\\Deleted'] });
    await rival.expunge(inbox);
    await appendOctets(rival, inbox, letter('d'));
    await rival.storeFlags(inbox, { uids: Uint32Array.of(3), mode: 'add', flags: ['\\Flagged'] });
    // Folded and pruned by others, a day later.
    const folding = await database.open({ foldEntries: 1 });
    const folder = await folding.mailstore.openAccount(account.id, { by: 'folder' });
    for (let n = 0; n < rival.modseq; n = (await store.database.roots.get(account.id))!.n) {
      await folder.subscribe(`filler-${n}`, true);
    }
    const root = (await store.database.roots.get(account.id))!;
    await store.connection.db
      .collection<{ _id: string; n: number }>('changes')
      .deleteMany({ a: account.id, n: { $lte: root.n } });
    clock.move(25 * 60 * minuteMs);
    assert.equal(await appendOctets(account, inbox, letter('e')), 5);
    const delta = cursor.advance({ expunges: true });
    assert.deepEqual([[...delta.expungedUids], delta.exists], [[2], 4]);
    assert.deepEqual(uidsOf(cursor.view), [1, 3, 4, 5]);
    assert.ok(delta.changed.includes(1), 'the flag that changed meanwhile is told');
    cursor.close();
  });

  it('of one command each for 256 sessions go out together, in order', async () => {
    const [account] = await begin();
    const inbox = inboxOf(account);
    await Promise.all(Array.from({ length: 300 }, (_, i) => account.subscribe(`s${i}`, true)));
    assert.equal(attempts.length, 2);
    assert.deepEqual(
      attempts.map((entries) => entries.length),
      [256, 44],
    );
    const cursor = await account.open(inbox);
    assert.deepEqual(rowsOf(cursor), []);
    cursor.close();
  });
});
