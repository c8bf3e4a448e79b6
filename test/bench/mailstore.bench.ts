/**
 * The mailstore alone, without a protocol in front: what an operation costs on the embedded store (store design section 11).
 * `node test/dist/bench/mailstore.bench.js [messages]`; with VAGUEMESTRE_MONGODB_URI on that MongoDB. Rates are of a wall
 * clock and want an idle machine; `cpu` is of this process, store and driver together, and does not.
 */
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { startTestDatabase, type TestStore } from '../harness/mail-store.js';
import { appendOctets, inboxOf, letter, testLimits } from '../harness/store-messages.js';

const mailboxSize = Number(process.argv[2] ?? 100_000);
const message = letter('Compte rendu de la réunion', `${'Bonjour à tous, voici la suite. '.repeat(2)}\r\n`.repeat(75));
const prefix = Buffer.from('Return-Path: <a@b.example>\r\nDelivered-To: c@d.example\r\n');

async function measure(name: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const rate = Math.round((count / ms) * 1000).toLocaleString('en');
  const each = ms / count;
  console.log(
    `${name.padEnd(44)} ${rate.padStart(11)}/s ${each.toFixed(4).padStart(10)} ms  cpu ${((user + system) / 1000 / count).toFixed(4)} ms`,
  );
}

const range = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: to - from + 1 }, (_, i) => from + i);
const times = async (count: number, work: (i: number) => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < count; i++) await work(i);
};

async function newAccount(store: TestStore): Promise<Account> {
  const id = newAccountId();
  await store.mailstore.createAccount(id, { lang: 'fr' });
  return store.mailstore.openAccount(id, { by: 'bench' });
}

async function writes(store: TestStore): Promise<void> {
  const one = await newAccount(store);
  const inbox = inboxOf(one);
  const append = (account: Account): Promise<unknown> => appendOctets(account, inboxOf(account), message);
  await times(200, () => append(one));
  await measure('APPEND, 1 connection', 1_000, () => times(1_000, () => append(one)));
  const ten = await Promise.all(Array.from({ length: 10 }, () => newAccount(store)));
  await measure('APPEND, 10 own mailboxes', 3_000, () =>
    Promise.all(ten.map((account) => times(300, () => append(account)))),
  );
  await measure('APPEND, 10 on one mailbox', 3_000, () => Promise.all(ten.map(() => times(300, () => append(one)))));
  const deliver = async (accounts: readonly Account[]): Promise<void> => {
    const recipients = accounts.map((account) => ({ account: account.id, prefix }));
    const delivery = store.mailstore.beginDelivery(recipients, testLimits);
    await delivery.write(message);
    await delivery.commit();
  };
  await measure('delivery to 1', 500, () => times(500, () => deliver([one])));
  const hundred = await Promise.all(Array.from({ length: 100 }, () => newAccount(store)));
  await times(3, () => deliver(hundred));
  await measure('delivery to 100, each', 2_000, () => times(20, () => deliver(hundred)));
  await measure('STORE, 1 message', 500, () =>
    times(500, (i) => one.storeFlags(inbox, { uids: Uint32Array.of(1 + i), mode: 'add', flags: ['\\Seen'] })),
  );
  await measure('STORE, 1,000 in flight', 1_000, () =>
    Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        one.storeFlags(inbox, { uids: Uint32Array.of(1 + i), mode: 'add', flags: ['\\Flagged'] }),
      ),
    ),
  );
}

async function large(account: Account): Promise<void> {
  const inbox = inboxOf(account);
  const archive = account.mailbox('Archives')!.id;
  const some = Math.floor(mailboxSize / 10);
  const add = (uids: Uint32Array, flag: string): Promise<unknown> =>
    account.storeFlags(inbox, { uids, mode: 'add', flags: [flag] });
  await measure(`STORE of a tenth, a range`, some, () => add(range(1, some), '\\Seen'));
  await measure(`STORE of a tenth, scattered`, some, () =>
    add(
      range(1, some).map((uid) => uid * 9),
      '\\Flagged',
    ),
  );
  await measure(`COPY of a tenth`, some, () => account.copy(inbox, range(1, some), archive));
  await measure(`MOVE of a tenth`, some, () => account.move(inbox, range(some + 1, 2 * some), archive));
  await add(range(2 * some + 1, 3 * some), '\\Deleted');
  await measure(`EXPUNGE of a tenth`, some, () => account.expunge(inbox));
  const cursor = await account.open(inbox);
  const indexes = range(0, Math.min(cursor.view.count, 5_000) - 1);
  await measure('bodies', indexes.length, async () => {
    for await (const octets of account.readContents(cursor.view, indexes))
      if (octets.first.length === 0) throw new Error();
  });
  cursor.close();
  await measure('refresh', 1_000, () => times(1_000, () => account.refresh()));
}

async function cold(open: () => Promise<TestStore>, account: Account): Promise<void> {
  for (const round of ['first', 'second']) {
    const store = await open();
    const start = performance.now();
    const reader = await store.mailstore.openAccount(account.id, { by: 'cold' });
    const opened = performance.now();
    const cursor = await reader.open(inboxOf(reader));
    const hot = performance.now();
    await cursor.view.load(['id', 'size']);
    const all = performance.now();
    cursor.close();
    console.log(
      `${`a mailbox of ${mailboxSize.toLocaleString('en')}, ${round} process`.padEnd(44)} account ${(opened - start).toFixed(1)} ms, ` +
        `uid flags modseq ${(hot - opened).toFixed(1)} ms, all columns ${(all - hot).toFixed(1)} ms`,
    );
    await store.close();
  }
}

const database = await startTestDatabase();
try {
  // As in a worker of the service.
  const asWorker = process.env['VAGUEMESTRE_MONGODB_URI'] === undefined;
  const store = await database.open(asWorker ? { committedReads: true, directCommits: () => undefined } : {});
  await writes(store);
  const account = await newAccount(store);
  const inbox = inboxOf(account);
  await appendOctets(account, inbox, message);
  for (let have = 1; have < mailboxSize; have *= 2) {
    await account.copy(inbox, range(1, Math.min(have, mailboxSize - have)), inbox);
  }
  // So that the mailbox lies in segments, as it would after a while.
  await times(300, (i) => account.subscribe(`filler-${i}`, true));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const embedded = process.env['VAGUEMESTRE_MONGODB_URI'] === undefined;
  await cold(() => database.open({ committedReads: embedded }), account);
  await large(account);
} finally {
  await database.close();
}
