/**
 * An outbox on a test database, with people whose mailboxes it delivers to. `process` gives another process that sends from the
 * same collection; a failing or dying one is had by wrapping what it works with.
 */

import type { Directory } from '@vaguemestre/server/auth/authenticator';
import { type SubmissionDocument, type Submissions, submissions } from '@vaguemestre/server/database/submissions';
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { type AccountId, newAccountId, newProcessNonce } from '@vaguemestre/server/kernel/ids';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { deliverLocally } from '@vaguemestre/server/main/deliver-locally';
import type { Deliver } from '@vaguemestre/server/outbox/deliver';
import { type DispatchParts, dispatch } from '@vaguemestre/server/outbox/dispatch';
import { sendDue } from '@vaguemestre/server/outbox/dispatcher';
import { createNews } from '@vaguemestre/server/outbox/news';
import { createOutbox, type Outbox } from '@vaguemestre/server/outbox/outbox';
import type { NewRecipient, NewSubmission } from '@vaguemestre/server/outbox/submission';
import { startTestDatabase, type TestStore, type Weather } from './mail-store.js';
import { type MovingClock, movingClock } from './moving-clock.js';
import { readInbox } from './store-messages.js';

/** The outbox of a test's store, and a process that sends from it when it is told to. */
export interface OpenOutbox {
  readonly outbox: Outbox;
  readonly collection: Submissions;
  /** Sends what is due, as one process would. */
  send(wrap?: ProcessWrap): Promise<void>;
}

export interface ProcessWrap {
  readonly submissions?: (real: Submissions) => Submissions;
  readonly deliver?: (real: Deliver) => Deliver;
}

export function openTestOutbox(store: TestStore, directory: Directory, clock: Clock): OpenOutbox {
  const collection = submissions(store.connection);
  const deliver = deliverLocally({
    mailstore: store.mailstore,
    directory,
    domain: 'labo.example',
    hostname: 'mx.labo.example',
    clock,
  });
  const news = createNews({ submissions: collection, clock, lifetime: store.lifetime, log: silentLog });
  const outbox = createOutbox({
    submissions: collection,
    contents: store.database.contents,
    commits: store.database.commits,
    upkeep: store.database.upkeep,
    domain: 'labo.example',
    clock,
    wake: () => undefined,
    news,
  });
  return {
    outbox,
    collection,
    async send(wrap = {}) {
      const own = wrap.submissions?.(collection) ?? collection;
      const parts: DispatchParts = {
        submissions: own,
        contents: store.database.contentReader,
        deliver: wrap.deliver?.(deliver) ?? deliver,
        owner: newProcessNonce(),
        hostname: 'mx.labo.example',
        clock,
        log: silentLog,
        count: () => undefined,
        changed: news.tell,
      };
      const signal = new AbortController().signal;
      await sendDue({ submissions: own, dispatch: (due) => dispatch(parts, due, signal), clock }, signal);
    },
  };
}

export interface TestOutbox extends OpenOutbox {
  readonly store: TestStore;
  readonly clock: MovingClock;
  account(name: string): AccountId;
  /** Octets the person may hold, in the directory. */
  limit(name: string, quotaBytes: number | undefined): void;
  inbox(name: string): Promise<string[]>;
  /** From `name`@labo.example. */
  submit(
    name: string,
    to: readonly (string | NewRecipient)[],
    octets: Uint8Array,
    options?: Partial<NewSubmission>,
  ): ReturnType<Outbox['submit']>;
  /** As it lies in the collection. */
  document(name: string, id: string): Promise<SubmissionDocument>;
  close(): Promise<void>;
}

export async function startTestOutbox(names: readonly string[], weather: Weather = 'fine'): Promise<TestOutbox> {
  const database = await startTestDatabase(weather);
  const clock = movingClock(Date.now());
  const store = await database.open({ clock });
  const people = new Map<string, { readonly account: AccountId; quotaBytes: number | undefined; handle?: Account }>();
  for (const name of names) {
    const account = newAccountId();
    await store.mailstore.createAccount(account, { lang: 'fr' });
    people.set(`${name}@labo.example`, { account, quotaBytes: undefined });
  }
  const person = (name: string) => {
    const found = people.get(`${name}@labo.example`);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  };
  const directory: Directory = {
    async resolve(address) {
      const found = people.get(address);
      return found && { account: found.account, address, detail: undefined, quotaBytes: found.quotaBytes };
    },
  };
  const open = openTestOutbox(store, directory, clock);
  await open.collection.ensureIndexes();
  return {
    ...open,
    store,
    clock,
    account: (name) => person(name).account,
    limit(name, quotaBytes) {
      person(name).quotaBytes = quotaBytes;
    },
    inbox: (name) => readInbox(store.mailstore, person(name).account),
    submit(name, to, octets, options = {}) {
      const submission: NewSubmission = {
        account: person(name).account,
        emailId: 'email',
        threadId: 'thread',
        identityId: 'identity',
        envelope: { from: `${name}@labo.example` },
        recipients: to.map((one) => (typeof one === 'string' ? { address: one } : one)),
        notBeforeMs: clock.nowMs(),
        lang: 'fr',
        ...options,
      };
      return open.outbox.submit(submission, {
        octets: inPieces(octets),
        size: octets.length,
        maxBytes: 64 * 1024 * 1024,
      });
    },
    async document(name, id) {
      const [found] = await open.collection.get(person(name).account, [id]);
      if (found === undefined) throw new Error(`there is no submission ${id}`);
      return found;
    },
    close: () => database.close(),
  };
}

async function* inPieces(octets: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < octets.length; at += 100_000) yield octets.subarray(at, at + 100_000);
}
