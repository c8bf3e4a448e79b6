/**
 * What RFC 8620 section 5 asks of every type, asked of every type that the service has: one table of calls for /get, /changes, /query,
 * /queryChanges and /set each, and what any method does with a wrong account, a wrong argument and ids of somebody else. The methods are
 * taken from the service itself, so that a new one cannot stay outside.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { maxJmapObjectsInGet, maxJmapObjectsInSet } from '@vaguemestre/server/kernel/limits';
import { capability } from '@vaguemestre/shared/jmap/core';
import {
  type Answer,
  type Arguments,
  type JmapPerson,
  type JmapService,
  startJmapService,
} from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
let ada: JmapPerson;
let bob: JmapPerson;
/** Of Bob: one id of each kind there is. */
let foreign: Readonly<Record<string, string>>;

before(async () => {
  service = await startJmapService();
  ada = await service.person({ quotaBytes: 1_000_000_000 });
  bob = await service.person({ quotaBytes: 1_000_000_000 });
  for (const person of [ada, bob])
    await put(person.account, 'INBOX', 'From: a@labo.example\r\nSubject: x\r\n\r\nx\r\n');
  foreign = await idsOf(bob);
});
after(() => service.close());

async function idsOf(person: JmapPerson): Promise<Readonly<Record<string, string>>> {
  const [email] = (await person.call('Email/get', { ids: null, properties: ['threadId', 'blobId', 'mailboxIds'] }))
    .list;
  const [identity] = (await person.call('Identity/get')).list;
  return {
    Email: email.id,
    Thread: email.threadId,
    Blob: email.blobId,
    Mailbox: Object.keys(email.mailboxIds)[0]!,
    Identity: identity.id,
    EmailSubmission: '0123456789abcdef01234567',
    Quota: 'storage',
  };
}

const types = {
  get: ['Mailbox', 'Thread', 'Email', 'Identity', 'EmailSubmission', 'Quota'],
  changes: ['Mailbox', 'Thread', 'Email', 'Identity', 'EmailSubmission', 'Quota'],
  query: ['Mailbox', 'Email', 'EmailSubmission', 'Quota'],
  queryChanges: ['Mailbox', 'Email', 'EmailSubmission', 'Quota'],
  set: ['Mailbox', 'Email', 'Identity', 'EmailSubmission'],
} as const;

/** Without an account of their own (RFC 8620 4, 7.2). */
const accountless = /^(?:Core|PushSubscription)\//;

/** The error's type, or `ok`. */
async function outcomeOf(person: JmapPerson, method: string, args: Arguments): Promise<string> {
  const { methodResponses } = await person.request([[method, { accountId: person.accountId, ...args }, 'c']]);
  const [name, answer, callId] = methodResponses[0]!;
  assert.equal(callId, 'c');
  if (name !== 'error') {
    assert.equal(name, method);
    return 'ok';
  }
  // RFC 8620 3.6.2: a type always, a description for whoever looks.
  assert.equal(typeof answer['type'], 'string');
  assert.equal(typeof answer['description'], 'string');
  return String(answer['type']);
}

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `x${i}`);

describe('a method with an account', () => {
  const methods = async (): Promise<string[]> => [...service.methods.keys()].filter((name) => !accountless.test(name));

  it('wants the id of one, and knows no other than the caller’s', async () => {
    for (const method of await methods()) {
      for (const [accountId, expected] of [
        [undefined, 'invalidArguments'],
        [null, 'invalidArguments'],
        [7, 'invalidArguments'],
        ['nobody', 'accountNotFound'],
        [bob.accountId, 'accountNotFound'],
      ] as const) {
        assert.equal(await outcomeOf(ada, method, { accountId }), expected, `${method} ${String(accountId)}`);
      }
    }
  });

  it('is not there unless its capability is used', async () => {
    for (const [name, method] of service.methods) {
      const using = Object.values(capability).filter((each) => each !== method.capability);
      const { methodResponses } = await ada.request([[name, { accountId: ada.accountId }, 'c']], { using });
      assert.equal(methodResponses[0]![1]['type'], 'unknownMethod', name);
    }
  });

  it('refuses arguments that it does not know', async () => {
    for (const method of service.methods.keys()) {
      if (method === 'Core/echo') continue;
      assert.equal(await outcomeOf(ada, method, { nonsense: 1 }), 'invalidArguments', method);
    }
  });
});

describe('/get', () => {
  for (const type of types.get) {
    it(`${type}/get`, async () => {
      const method = `${type}/get`;
      const table: readonly [Arguments, string][] = [
        [{}, 'ok'],
        [{ ids: null, properties: null }, 'ok'],
        [{ ids: [] }, 'ok'],
        [{ ids: 'x' }, 'invalidArguments'],
        [{ ids: [1] }, 'invalidArguments'],
        [{ ids: [null] }, 'invalidArguments'],
        [{ ids: {} }, 'invalidArguments'],
        [{ properties: 'id' }, 'invalidArguments'],
        [{ properties: [1] }, 'invalidArguments'],
        [{ properties: ['id', 'nonsense'] }, 'invalidArguments'],
        [{ ids: [], properties: [] }, 'ok'],
        [{ ids: many(maxJmapObjectsInGet) }, 'ok'],
        [{ ids: many(maxJmapObjectsInGet + 1) }, 'requestTooLarge'],
      ];
      for (const [args, expected] of table) {
        assert.equal(await outcomeOf(ada, method, args), expected, JSON.stringify(args).slice(0, 80));
      }
      const nothing = await ada.call(method, { ids: [] });
      assert.deepEqual([nothing.accountId, nothing.list, nothing.notFound], [ada.accountId, [], []]);
      assert.equal(typeof nothing.state, 'string');
      const odd = ['', 'ä', 'a b', '../x', '#nothing', '\u0000', 'x'.repeat(300), '__proto__', 'constructor'];
      const missing = await ada.call(method, { ids: [...odd, ...odd] });
      assert.deepEqual(missing.list, []);
      assert.deepEqual(missing.notFound, odd);
      const all = (await ada.call(method)).list as Answer[];
      if (all.length === 0) return;
      const { id } = all[0];
      const twice = await ada.call(method, { ids: [id, 'none', id], properties: [] });
      assert.deepEqual(twice.list, [{ id }], 'each once, and nothing but what was asked for');
      assert.deepEqual(twice.notFound, ['none']);
    });
  }
});

describe('/changes', () => {
  for (const type of types.changes) {
    it(`${type}/changes`, async () => {
      const method = `${type}/changes`;
      const { state } = await ada.call(`${type}/get`, { ids: [] });
      const table: readonly [Arguments, string][] = [
        [{}, 'invalidArguments'],
        [{ sinceState: null }, 'invalidArguments'],
        [{ sinceState: 3 }, 'invalidArguments'],
        [{ sinceState: 'never-given' }, 'cannotCalculateChanges'],
        [{ sinceState: state, maxChanges: 0 }, 'invalidArguments'],
        [{ sinceState: state, maxChanges: -1 }, 'invalidArguments'],
        [{ sinceState: state, maxChanges: 1.5 }, 'invalidArguments'],
        [{ sinceState: state, maxChanges: '5' }, 'invalidArguments'],
        [{ sinceState: state, maxChanges: null }, 'ok'],
        [{ sinceState: state, maxChanges: 1 }, 'ok'],
      ];
      for (const [args, expected] of table) {
        assert.equal(await outcomeOf(ada, method, args), expected, JSON.stringify(args));
      }
      const same = await ada.call(method, { sinceState: state });
      assert.deepEqual(same, {
        accountId: ada.accountId,
        oldState: state,
        newState: state,
        hasMoreChanges: false,
        created: [],
        updated: [],
        destroyed: [],
        ...((type === 'Mailbox' || type === 'Quota') && { updatedProperties: null }),
      });
    });
  }
});

const wrongQueries: readonly [Arguments, string][] = [
  [{ filter: null, sort: null }, 'ok'],
  [{ filter: {}, sort: [] }, 'ok'],
  [{ filter: 'x' }, 'invalidArguments'],
  [{ filter: [] }, 'invalidArguments'],
  [{ filter: { nonsense: 1 } }, 'unsupportedFilter'],
  [{ filter: { operator: 'XOR', conditions: [{}] } }, 'invalidArguments'],
  [{ filter: { operator: 'and', conditions: [] } }, 'invalidArguments'],
  [{ filter: { operator: 'AND' } }, 'invalidArguments'],
  [{ filter: { operator: 'AND', conditions: {} } }, 'invalidArguments'],
  [{ filter: { operator: 'AND', conditions: [null] } }, 'invalidArguments'],
  [{ filter: { operator: 'AND', conditions: [], extra: 1 } }, 'invalidArguments'],
  [
    { filter: { operator: 'NOT', conditions: [{ operator: 'OR', conditions: [{ nonsense: 1 }] }] } },
    'unsupportedFilter',
  ],
  [{ filter: { operator: 'AND', conditions: [] } }, 'ok'],
  [{ sort: 'id' }, 'invalidArguments'],
  [{ sort: [{}] }, 'invalidArguments'],
  [{ sort: [{ property: 'nonsense' }] }, 'unsupportedSort'],
  [{ sort: [{ property: 1 }] }, 'invalidArguments'],
];

const wrongWindows: readonly [Arguments, string][] = [
  [{ position: 'x' }, 'invalidArguments'],
  [{ position: null }, 'invalidArguments'],
  [{ position: 1.5 }, 'invalidArguments'],
  [{ position: -1 }, 'ok'],
  [{ position: 1_000_000 }, 'ok'],
  [{ limit: -1 }, 'invalidArguments'],
  [{ limit: 'x' }, 'invalidArguments'],
  [{ limit: 0 }, 'ok'],
  [{ limit: null }, 'ok'],
  [{ anchor: 'none' }, 'anchorNotFound'],
  [{ anchor: 1 }, 'invalidArguments'],
  [{ anchor: null, anchorOffset: 0 }, 'ok'],
  [{ anchorOffset: 'x' }, 'invalidArguments'],
  [{ calculateTotal: 'yes' }, 'invalidArguments'],
  [{ calculateTotal: null }, 'invalidArguments'],
];

describe('/query and /queryChanges', () => {
  for (const type of types.query) {
    it(`${type}/query`, async () => {
      const method = `${type}/query`;
      for (const [args, expected] of [...wrongQueries, ...wrongWindows]) {
        assert.equal(await outcomeOf(ada, method, args), expected, JSON.stringify(args));
      }
      const all = await ada.call(method, { calculateTotal: true });
      assert.equal(typeof all.queryState, 'string');
      assert.equal(typeof all.canCalculateChanges, 'boolean');
      assert.equal(all.position, 0);
      assert.equal(all.total, all.ids.length);
      assert.equal('total' in (await ada.call(method)), false);
      assert.deepEqual((await ada.call(method, { limit: 0 })).ids, []);
      assert.deepEqual((await ada.call(method, { position: -1_000_000 })).ids, all.ids);
      assert.deepEqual((await ada.call(method, { position: -1 })).ids, all.ids.slice(-1));
      const beyond = await ada.call(method, { position: 1_000_000, calculateTotal: true });
      assert.deepEqual([beyond.ids, beyond.total], [[], all.total]);
      for (const [index, anchor] of all.ids.entries()) {
        for (const anchorOffset of [-2, -1, 0, 1, 100]) {
          const from = Math.max(0, index + anchorOffset);
          // RFC 8620 5.5: the position is ignored when there is an anchor.
          const window = await ada.call(method, { anchor, anchorOffset, position: 1, limit: 2 });
          assert.deepEqual([window.position, window.ids], [from, all.ids.slice(from, from + 2)]);
        }
      }
    });

    it(`${type}/queryChanges`, async () => {
      const method = `${type}/queryChanges`;
      const { queryState } = await ada.call(`${type}/query`);
      const since = { sinceQueryState: queryState };
      for (const [args, expected] of wrongQueries) {
        assert.equal(await outcomeOf(ada, method, { ...since, ...args }), expected, JSON.stringify(args));
      }
      const table: readonly [Arguments, string][] = [
        [{}, 'invalidArguments'],
        [{ sinceQueryState: 1 }, 'invalidArguments'],
        [{ sinceQueryState: 'never-given' }, 'cannotCalculateChanges'],
        [{ ...since, maxChanges: 0 }, 'invalidArguments'],
        [{ ...since, maxChanges: 'x' }, 'invalidArguments'],
        [{ ...since, upToId: 3 }, 'invalidArguments'],
        [{ ...since, upToId: null, maxChanges: null }, 'ok'],
        [{ ...since, upToId: 'none' }, 'ok'],
        [{ ...since, calculateTotal: 1 }, 'invalidArguments'],
        [{ ...since, position: 1 }, 'invalidArguments'],
      ];
      for (const [args, expected] of table) {
        assert.equal(await outcomeOf(ada, method, args), expected, JSON.stringify(args));
      }
      const same = await ada.call(method, { ...since, calculateTotal: true });
      const { total } = await ada.call(`${type}/query`, { calculateTotal: true });
      assert.deepEqual(same, {
        accountId: ada.accountId,
        oldQueryState: queryState,
        newQueryState: queryState,
        total,
        removed: [],
        added: [],
      });
    });
  }
});

describe('/set', () => {
  for (const type of types.set) {
    it(`${type}/set`, async () => {
      const method = `${type}/set`;
      const { state } = await ada.call(`${type}/get`, { ids: [] });
      const table: readonly [Arguments, string][] = [
        [{ ifInState: 'never-given' }, 'stateMismatch'],
        [{ ifInState: 'never-given', create: { a: {} }, destroy: ['x'] }, 'stateMismatch'],
        [{ ifInState: 5 }, 'invalidArguments'],
        [{ create: [] }, 'invalidArguments'],
        [{ create: { a: null } }, 'invalidArguments'],
        [{ create: { a: [] } }, 'invalidArguments'],
        [{ update: 'x' }, 'invalidArguments'],
        [{ update: { a: 'x' } }, 'invalidArguments'],
        [{ destroy: 'x' }, 'invalidArguments'],
        [{ destroy: [1] }, 'invalidArguments'],
        [{ destroy: { a: 1 } }, 'invalidArguments'],
        [{ destroy: many(maxJmapObjectsInSet + 1) }, 'requestTooLarge'],
      ];
      for (const [args, expected] of table) {
        assert.equal(await outcomeOf(ada, method, args), expected, JSON.stringify(args).slice(0, 80));
      }
      const none = { created: null, updated: null, destroyed: null };
      const nobody = { notCreated: null, notUpdated: null, notDestroyed: null };
      const same = { accountId: ada.accountId, oldState: state, newState: state };
      for (const args of [
        {},
        { create: {}, update: {}, destroy: [] },
        { create: null, update: null, destroy: null, ifInState: null },
        { ifInState: state },
      ]) {
        assert.deepEqual(await ada.call(method, args), { ...same, ...none, ...nobody }, JSON.stringify(args));
      }
      const id = foreign[type]!;
      const strangers = await ada.call(method, {
        update: { none: {}, [id]: {}, '#none': {}, both: {} },
        destroy: ['nothing', id, '#nothing', 'both', 'both'],
      });
      const notFound = { type: 'notFound' };
      const types = (errors: Answer): Answer =>
        Object.fromEntries(Object.entries(errors as Answer).map(([key, error]) => [key, (error as Answer).type]));
      if (type === 'Identity') {
        // The identity of an address has the same id for everybody who had that address: it is another person's own.
        assert.equal(strangers.notUpdated.none.type, 'notFound');
        return;
      }
      assert.deepEqual(types(strangers.notUpdated), {
        none: notFound.type,
        [id]: 'willDestroy',
        '#none': notFound.type,
        both: 'willDestroy',
      });
      assert.deepEqual(types(strangers.notDestroyed), {
        nothing: notFound.type,
        [id]: notFound.type,
        '#nothing': notFound.type,
        both: notFound.type,
      });
      assert.deepEqual([strangers.updated, strangers.destroyed], [null, null]);
    });
  }
});

describe('an id of somebody else', () => {
  it('is answered as one that nobody has', async () => {
    const none = '0123456789abcdef01234567';
    const places: readonly (readonly [
      type: string,
      none: string,
      ask: (id: string) => readonly [string, Arguments],
    ])[] = [
      ...types.get
        .filter((type) => type !== 'Quota')
        .map((type) => [type, none, (id: string) => [`${type}/get`, { ids: [id] }] as const] as const),
      ['Email', none, (id) => ['SearchSnippet/get', { filter: { text: 'x' }, emailIds: [id] }]],
      ['Email', none, (id) => ['Email/set', { update: { [id]: { 'keywords/$seen': true } } }]],
      ['Email', none, (id) => ['Email/set', { destroy: [id] }]],
      ['Email', none, (id) => ['Email/query', { anchor: id }]],
      ['Mailbox', none, (id) => ['Email/query', { filter: { inMailbox: id } }]],
      ['Mailbox', none, (id) => ['Email/query', { filter: { inMailboxOtherThan: [id] } }]],
      ['Mailbox', none, (id) => ['Mailbox/query', { filter: { parentId: id } }]],
      ['Mailbox', none, (id) => ['Mailbox/query', { anchor: id }]],
      ['Mailbox', none, (id) => ['Mailbox/set', { create: { a: { name: 'below', parentId: id } } }]],
      ['Mailbox', none, (id) => ['Mailbox/set', { update: { [id]: { name: 'mine' } } }]],
      ['Mailbox', none, (id) => ['Mailbox/set', { destroy: [id], onDestroyRemoveEmails: true }]],
      ['Mailbox', none, (id) => ['Email/set', { create: { a: { mailboxIds: { [id]: true } } } }]],
      ['Blob', `m${none}`, (id) => ['Email/parse', { blobIds: [id] }]],
      ['Blob', `m${none}`, (id) => ['Email/import', { emails: { a: { blobId: id, mailboxIds: { x: true } } } }]],
      ['Blob', `m${none}`, (id) => ['Blob/get', { ids: [id] }]],
      ['Blob', `m${none}`, (id) => ['Blob/lookup', { typeNames: ['Email', 'Thread', 'Mailbox'], ids: [id] }]],
      ['Blob', `m${none}`, (id) => ['Blob/upload', { create: { a: { data: [{ blobId: id }] } } }]],
      ['Email', none, (id) => ['EmailSubmission/set', { create: { a: { emailId: id, identityId: 'x' } } }]],
      ['Email', none, (id) => ['EmailSubmission/query', { filter: { emailIds: [id] } }]],
    ];
    for (const [type, nobodys, ask] of places) {
      const theirs = foreign[type]!;
      const answers: string[] = [];
      for (const id of [theirs, nobodys]) {
        const [method, args] = ask(id);
        const { methodResponses } = await ada.request([[method, { accountId: ada.accountId, ...args }, 'c']]);
        answers.push(
          JSON.stringify(methodResponses)
            .replaceAll(id, 'ID')
            .replace(/"(?:old|new)State":"[^"]*",/g, ''),
        );
      }
      assert.equal(answers[0], answers[1], ask('ID')[0]);
    }
    const theirs = await bob.call('Email/get', { ids: [foreign['Email']!] });
    assert.equal(theirs.list.length, 1, 'and nothing happened to it');
  });
});
