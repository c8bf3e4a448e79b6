/**
 * A laboratory on a test database in which accounts end: people, their mailboxes, the outbox, archives in a folder, and a clock. What
 * the passes call can be wrapped, to count or to die.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArchiveParts, archivePerson, isIntact } from '@vaguemestre/server/admin/archive/archive-person';
import { createPeople, type NewPerson, type People, type Person } from '@vaguemestre/server/auth/people';
import { type EndedAccounts, endedAccounts } from '@vaguemestre/server/database/ended-accounts';
import { openPeopleDatabase } from '@vaguemestre/server/database/people-database';
import { endOfDay } from '@vaguemestre/server/kernel/calendar';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { AnswerParts } from '@vaguemestre/server/life/auto-answers';
import type { LifeParts } from '@vaguemestre/server/life/life-pass';
import { deliverLetter } from '@vaguemestre/server/main/deliver-letter';
import { modseqIn } from '@vaguemestre/server/main/life-chore';
import { archivesIn } from './archive-parts.js';
import { type OpenOutbox, openTestOutbox } from './mail-outbox.js';
import { startTestDatabase, type TestStore } from './mail-store.js';
import { type MovingClock, movingClock } from './moving-clock.js';
import { readInbox } from './store-messages.js';

export const zone = 'Europe/Paris';

export interface EndingPeople {
  readonly store: TestStore;
  readonly people: People;
  readonly ended: EndedAccounts;
  readonly outbox: OpenOutbox;
  readonly clock: MovingClock;
  readonly archives: ArchiveParts;
  readonly life: LifeParts;
  readonly answers: AnswerParts;
  /** Moves the clock to a moment, forwards. */
  at(moment: string): void;
  add(address: string, person?: Partial<NewPerson> & { readonly lastDay?: string }): Promise<Person>;
  /** As the relay hands it over. */
  deliver(to: Person, from: string, message: string): Promise<void>;
  inbox(account: AccountId): Promise<string[]>;
  /** What the audit trail says of an address. */
  history(address: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function startEndingPeople(from: string): Promise<EndingPeople> {
  const database = await startTestDatabase();
  const clock = movingClock(Date.parse(from));
  const store = await database.open({ clock });
  const folder = await mkdtemp(join(tmpdir(), 'vm-life-'));
  const ended = endedAccounts(store.connection);
  await ended.audit.ensureIndexes();
  const peopleDatabase = await openPeopleDatabase(store.connection);
  const people = createPeople({
    database: peopleDatabase,
    mailboxes: {
      createAccount: (account, is) => store.mailstore.createAccount(account, is),
      async removeAccount(account) {
        await outbox.outbox.removeAccount(account);
        await ended.answered.removeAccount(account);
        await store.mailstore.removeAccount(account);
      },
    },
    hasher: { hash: async () => 'none' },
    domain: 'labo.example',
    clock,
  });
  const directory = {
    async resolve(address: string) {
      const person = await peopleDatabase.accounts.findByAddress(address);
      return person && { account: person._id, address, detail: undefined, quotaBytes: person.quota };
    },
  };
  const outbox = openTestOutbox(store, directory, clock);
  await outbox.collection.ensureIndexes();
  const archives = archivesIn(folder, { mailstore: store.mailstore, people, archives: ended.archives, clock });
  const shared = { people, lives: ended.lives, domain: 'labo.example', zone, clock, log: silentLog };
  return {
    store,
    people,
    ended,
    outbox,
    clock,
    archives,
    life: {
      ...shared,
      archives: ended.archives,
      audit: ended.audit,
      deliver: deliverLetter(store.mailstore, 'labo.example'),
      archive: (person, signal) => archivePerson(archives, person, signal),
      isIntact,
      modseqOf: modseqIn(store.mailstore),
      trustedNowMs: async () => clock.nowMs(),
    },
    answers: { ...shared, mailstore: store.mailstore, outbox: outbox.outbox, answered: ended.answered },
    at(moment) {
      const ms = Date.parse(moment) - clock.nowMs();
      if (ms < 0) throw new Error(`${moment} is past`);
      clock.move(ms);
    },
    async add(address, { lastDay, ...person } = {}) {
      const expires = lastDay === undefined ? {} : { expires: new Date(endOfDay(lastDay, zone)) };
      return people.add({ address, role: 'permanent', ...expires, ...person });
    },
    async deliver(to, sender, message) {
      const prefix = Buffer.from(`Return-Path: <${sender}>\r\nDelivered-To: ${to.address}\r\n`);
      const delivery = store.mailstore.beginDelivery([{ account: to._id, prefix }], { maxBytes: 10_000_000 });
      await delivery.write(Buffer.from(message));
      const [outcome] = await delivery.commit();
      if (outcome?.kind !== 'stored') throw new Error(`not delivered: ${outcome?.kind}`);
    },
    inbox: (id) => readInbox(store.mailstore, id),
    history: async (address) => (await ended.audit.list({ address, limit: 100 })).map(({ what }) => what),
    async close() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
