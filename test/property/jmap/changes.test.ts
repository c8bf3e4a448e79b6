/**
 * RFC 8620 5.2 and 5.6 under fire: while IMAP sessions of two processes, LMTP and JMAP itself change an account at the same time,
 * a client that only ever asks for changes holds what a fresh one would get.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type { MailboxInfo } from '@vaguemestre/server/mailstore/mailbox';
import { type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';
import type { TestStore } from '../../harness/mail-store.js';
import { type Chance, chance } from '../../harness/seeded-random.js';
import { CachedClient, type CachedQuery } from './cached-client.js';

const steps = Number(process.env['VAGUEMESTRE_JMAP_STEPS'] ?? 14);

let service: JmapService;
let other: TestStore;
before(async () => {
  service = await startJmapService({ foldEntries: 11 });
  other = await service.database.open({ foldEntries: 7 });
});
after(() => service.close());

const names = ['alpha', 'beta', 'gamma', 'delta'];
const flags = ['\\Deleted', '\\Seen', '\\Flagged', '\\Answered', '\\Draft', '$Junk', 'project'];

interface Hands {
  readonly person: JmapPerson;
  readonly sessions: readonly Account[];
  readonly random: Chance;
  messages: number;
}

type Deed = (hands: Hands) => Promise<unknown>;

function someMailbox({ sessions, random }: Hands): MailboxInfo {
  return random.pick(random.pick(sessions).mailboxes());
}

/** Uids of some messages of some mailbox, as a session sees it. */
async function someMessages(hands: Hands): Promise<{ session: Account; box: MailboxInfo; uids: Uint32Array }> {
  const { random } = hands;
  const session = random.pick(hands.sessions);
  const box = random.pick(session.mailboxes());
  const cursor = await session.open(box.id);
  const { uid, count } = cursor.view;
  const from = random.below(Math.max(1, count));
  const uids = uid.slice(from, Math.min(count, from + 1 + random.below(3)));
  cursor.close();
  return { session, box, uids };
}

function message(hands: Hands): string {
  const number = ++hands.messages;
  const { random } = hands;
  const about = number > 1 && random.below(2) === 0 ? `References: <${1 + random.below(number - 1)}@x>\r\n` : '';
  return `Message-ID: <${number}@x>\r\n${about}From: ${random.pick(names)}@labo.example\r\nSubject: ${random.pick(names)} ${number}\r\n\r\n${'x'.repeat(random.below(50))}\r\n`;
}

const mailDeeds: readonly (readonly [weight: number, deed: Deed])[] = [
  [
    6,
    (hands) =>
      put(
        hands.random.pick(hands.sessions),
        someMailbox(hands).path,
        message(hands),
        [hands.random.pick(flags)],
        hands.random.below(1e9),
      ),
  ],
  [
    4,
    async (hands) => {
      const { mailstore } = hands.random.below(2) === 0 ? service.store : other;
      const delivery = mailstore.beginDelivery(
        [{ account: hands.person.principal.account, prefix: Buffer.from('Return-Path: <>\r\n') }],
        { maxBytes: 1_000_000 },
      );
      await delivery.write(Buffer.from(message(hands)));
      await delivery.commit();
    },
  ],
  [
    6,
    async (hands) => {
      const { session, box, uids } = await someMessages(hands);
      const mode = hands.random.pick(['add', 'remove', 'replace'] as const);
      await session.storeFlags(box.id, { uids, mode, flags: [hands.random.pick(flags)] });
    },
  ],
  [
    3,
    async (hands) => {
      const { session, box, uids } = await someMessages(hands);
      await session.copy(box.id, uids, someMailbox(hands).id);
    },
  ],
  [
    3,
    async (hands) => {
      const { session, box, uids } = await someMessages(hands);
      await session.move(box.id, uids, someMailbox(hands).id);
    },
  ],
  [
    3,
    async (hands) => {
      const { session, box, uids } = await someMessages(hands);
      await session.storeFlags(box.id, { uids, mode: 'add', flags: ['\\Deleted'] });
      await session.expunge(box.id, uids);
    },
  ],
];

const treeDeeds: typeof mailDeeds = [
  [2, (hands) => hands.random.pick(hands.sessions).create(`${someMailbox(hands).path}/${hands.random.pick(names)}`)],
  [2, (hands) => hands.random.pick(hands.sessions).create(hands.random.pick(names))],
  [
    2,
    (hands) =>
      hands.random
        .pick(hands.sessions)
        .rename(someMailbox(hands).path, `${hands.random.pick(names)} ${hands.random.below(9)}`),
  ],
  [1, (hands) => hands.random.pick(hands.sessions).delete(someMailbox(hands).path)],
  [4, (hands) => hands.random.pick(hands.sessions).subscribe(someMailbox(hands).path, hands.random.below(2) === 0)],
  [
    3,
    ({ person, random, ...hands }) => {
      const some = () => someMailbox({ person, random, ...hands }).id;
      return person.call('Mailbox/set', {
        create: {
          a: { name: `${random.pick(names)} ${random.below(30)}`, parentId: random.below(2) === 0 ? null : some() },
        },
        update: {
          [some()]: { sortOrder: random.below(3) },
          [some()]: { name: `${random.pick(names)} ${random.below(30)}`, isSubscribed: random.below(2) === 0 },
          [some()]: { parentId: random.below(2) === 0 ? null : some() },
        },
        destroy: random.below(4) === 0 ? [some()] : [],
        onDestroyRemoveEmails: random.below(2) === 0,
      });
    },
  ],
];

/** Some id of a type that the person has, if there is any. */
async function someId({ person, random }: Hands, type: string): Promise<string | undefined> {
  const { list } = await person.call(`${type}/get`, { ids: null, properties: ['id'] });
  return list.length === 0 ? undefined : random.pick(list as { id: string }[]).id;
}

const sendDeeds: typeof mailDeeds = [
  [
    3,
    async ({ person, random }) => {
      const { address } = person.principal;
      const name = random.pick(names);
      await person.call('Identity/set', { create: { a: { email: address, name } } });
    },
  ],
  [
    3,
    async (hands) => {
      const id = await someId(hands, 'Identity');
      if (id !== undefined)
        await hands.person.call('Identity/set', { update: { [id]: { textSignature: hands.random.pick(names) } } });
    },
  ],
  [
    2,
    async (hands) => {
      const id = await someId(hands, 'Identity');
      if (id !== undefined) await hands.person.call('Identity/set', { destroy: [id] });
    },
  ],
  [
    5,
    async (hands) => {
      const { person, random } = hands;
      const { accountId } = person;
      const { address } = person.principal;
      const hold = String(random.below(100) * 1000 + 600);
      const email = {
        mailboxIds: { [someMailbox(hands).id]: true },
        from: [{ email: address }],
        to: [{ email: `${random.pick(names)}@elsewhere.example` }],
        subject: random.pick(names),
      };
      const envelope = {
        mailFrom: { email: address, parameters: { HOLDFOR: hold } },
        rcptTo: [{ email: `${random.pick(names)}@elsewhere.example` }],
      };
      await person.request([
        ['Email/set', { accountId, create: { e: email } }, '0'],
        [
          'EmailSubmission/set',
          {
            accountId,
            create: { s: { emailId: '#e', identityId: await someId(hands, 'Identity'), envelope } },
            ...(random.below(2) === 0 && { onSuccessUpdateEmail: { '#s': { 'keywords/$seen': true } } }),
          },
          '1',
        ],
      ]);
    },
  ],
  [
    3,
    async (hands) => {
      const id = await someId(hands, 'EmailSubmission');
      if (id !== undefined)
        await hands.person.call('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } });
    },
  ],
  [
    1,
    async (hands) => {
      const id = await someId(hands, 'EmailSubmission');
      if (id !== undefined) await hands.person.call('EmailSubmission/set', { destroy: [id] });
    },
  ],
];

async function doSomething(hands: Hands, deeds: typeof mailDeeds): Promise<void> {
  let weight = hands.random.below(deeds.reduce((sum, [each]) => sum + each, 0));
  const deed = deeds.find(([each]) => {
    weight -= each;
    return weight < 0;
  })![1];
  try {
    await deed(hands);
  } catch (error) {
    // INBOX cannot be deleted, a name is taken, somebody else was faster: none of it may change anything.
    if (!(error instanceof MailError) || error.code === 'internal') throw error;
  }
}

function queries(person: JmapPerson): readonly CachedQuery[] {
  const inbox = person.account.mailbox('INBOX')!.id;
  const byName = [{ property: 'name' }];
  const newest = [{ property: 'receivedAt', isAscending: false }];
  return [
    { kind: 'Mailbox', args: {} },
    { kind: 'Mailbox', args: { sort: byName, sortAsTree: true } },
    { kind: 'Mailbox', args: { sort: byName, filter: { isSubscribed: true }, sortAsTree: true, filterAsTree: true } },
    {
      kind: 'Mailbox',
      args: { filter: { operator: 'NOT', conditions: [{ name: 'a' }, { hasAnyRole: true }] }, sort: byName },
    },
    { kind: 'Mailbox', args: { sort: [{ property: 'sortOrder' }, ...byName], sortAsTree: true } },
    { kind: 'Mailbox', args: { filter: { parentId: inbox } } },
    { kind: 'Email', args: { filter: { inMailbox: inbox }, sort: newest } },
    { kind: 'Email', args: { filter: { inMailbox: inbox }, sort: newest, collapseThreads: true } },
    { kind: 'Email', args: { filter: { notKeyword: '$seen' }, sort: [{ property: 'subject' }] } },
    { kind: 'Email', args: { filter: { inMailboxOtherThan: [inbox], hasKeyword: 'project' }, sort: newest } },
    { kind: 'Email', args: { filter: { someInThreadHaveKeyword: '$flagged' }, sort: [{ property: 'size' }] } },
    { kind: 'Email', args: { sort: [{ property: 'hasKeyword', keyword: '$seen' }, ...newest], collapseThreads: true } },
    { kind: 'Email', args: { filter: { allInThreadHaveKeyword: '$seen' }, sort: [{ property: 'from' }, ...newest] } },
    {
      kind: 'Email',
      args: {
        sort: [{ property: 'allInThreadHaveKeyword', keyword: '$seen', isAscending: false }, { property: 'sentAt' }],
      },
    },
    { kind: 'EmailSubmission', args: {} },
    { kind: 'EmailSubmission', args: { filter: { undoStatus: 'pending' }, sort: [{ property: 'sentAt' }] } },
    {
      kind: 'EmailSubmission',
      args: {
        filter: { operator: 'NOT', conditions: [{ undoStatus: 'canceled' }, { before: '2020-01-01T00:00:00Z' }] },
        sort: [{ property: 'emailId', isAscending: false }],
      },
    },
  ];
}

describe('a client that asks for changes only', () => {
  const everything = [...mailDeeds, ...treeDeeds];
  const loads = [
    { name: 'one change at a time', deeds: everything, atOnce: 1, syncOneIn: 3 },
    { name: 'several changes at a time', deeds: everything, atOnce: 4, syncOneIn: 3 },
    // Each change by itself: of several together the log sometimes says only that all may have moved.
    { name: 'mailboxes only', deeds: treeDeeds, atOnce: 1, syncOneIn: 1 },
    { name: 'identities and what is sent', deeds: [...sendDeeds, ...mailDeeds], atOnce: 2, syncOneIn: 2 },
  ];
  for (const { name, deeds, atOnce, syncOneIn } of loads) {
    it(`holds what a fresh one gets: ${name}`, async () => {
      const random = chance();
      const person = await service.person();
      const elsewhere = await other.mailstore.openAccount(person.principal.account, { by: 'elsewhere' });
      const hands: Hands = { person, sessions: [person.account, elsewhere], random, messages: 0 };
      const client = new CachedClient(person, random);
      try {
        for (let i = 0; i < 10; i++) await put(person.account, 'INBOX', message(hands));
        await client.begin(queries(person));
        for (let step = 0; step < steps; step++) {
          await elsewhere.refresh();
          await Promise.all(Array.from({ length: 1 + random.below(atOnce) }, () => doSomething(hands, deeds)));
          if (random.below(syncOneIn) === 0 || step === steps - 1) await client.sync();
        }
        assert.ok(client.asked.unknown < client.asked.deltas / 4, JSON.stringify(client.asked));
      } catch (error) {
        throw new Error(`VAGUEMESTRE_TEST_SEED=${random.seed} finds it again`, { cause: error });
      } finally {
        elsewhere.release();
      }
    });
  }
});
