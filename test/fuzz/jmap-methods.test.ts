/**
 * Arguments of every kind for every JMAP method: whatever a client sends, the answer is one of JMAP's own, never a fault of ours
 * (`serverFail`), and the next request is served. The second half asks for what is somebody else's by every method.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../harness/jmap-service.js';
import { put } from '../harness/mail-account.js';

const runs = Number(process.env['VAGUEMESTRE_JMAP_FUZZ_RUNS'] ?? 150);

let service: JmapService;
let ada: JmapPerson;
let bob: JmapPerson;
let methods: readonly string[];
const ids: { mine: string[]; theirs: string[] } = { mine: [], theirs: [] };
const secret = 'nobody-else-may-read-this';

async function idsOf(person: JmapPerson, subject: string): Promise<string[]> {
  const address = person.principal.address;
  await put(person.account, 'INBOX', `From: ${address}\r\nTo: ${address}\r\nSubject: ${subject}\r\n\r\n${subject}`);
  const { ids: emailIds } = await person.call('Email/query');
  const { list } = await person.call('Email/get', { ids: emailIds, properties: ['threadId', 'blobId'] });
  const mailboxes = (await person.call('Mailbox/get')).list.map(({ id }: Answer) => id);
  const identities = (await person.call('Identity/get')).list.map(({ id }: Answer) => id);
  const upload = await person.call('Blob/upload', { create: { b: { data: [{ 'data:asText': subject }] } } });
  const sent = await person.call('EmailSubmission/set', {
    create: { s: { emailId: emailIds[0], identityId: identities[0] } },
  });
  return [
    ...emailIds,
    ...list.flatMap(({ threadId, blobId }: Answer) => [threadId, blobId, `${blobId}-1`]),
    ...mailboxes,
    ...identities,
    upload.created.b.id,
    ...Object.values(sent.created ?? {}).map(({ id }: Answer) => id),
  ];
}

before(async () => {
  service = await startJmapService();
  ada = await service.person();
  bob = await service.person();
  // The table itself, as the service of the tests has it.
  methods = [...service.methods.keys()].sort();
  ids.mine = await idsOf(ada, 'mine');
  ids.theirs = await idsOf(bob, secret);
});
after(() => service.close());

const memberNames = [
  ...['ids', 'properties', 'sinceState', 'sinceQueryState', 'maxChanges', 'ifInState', 'create', 'update', 'destroy'],
  ...['filter', 'sort', 'position', 'anchor', 'anchorOffset', 'limit', 'calculateTotal', 'upToId', 'collapseThreads'],
  ...['sortAsTree', 'filterAsTree', 'onDestroyRemoveEmails', 'onSuccessUpdateEmail', 'onSuccessDestroyEmail'],
  ...['bodyProperties', 'fetchTextBodyValues', 'fetchHTMLBodyValues', 'fetchAllBodyValues', 'maxBodyValueBytes'],
  ...['emails', 'blobIds', 'emailIds', 'typeNames', 'fromAccountId', 'offset', 'length', '#ids', '__proto__'],
];
const words = [
  ...['id', 'name', 'parentId', 'role', 'mailboxIds', 'keywords', 'subject', 'from', 'bodyStructure', 'bodyValues'],
  ...['textBody', 'htmlBody', 'attachments', 'header:X-A:asText', 'header:Subject:asRaw:all', 'operator', 'conditions'],
  ...['inMailbox', 'hasKeyword', 'text', 'property', 'isAscending', 'keyword', 'collation', 'partId', 'value', 'type'],
  ...['blobId', 'data', 'data:asText', 'email', 'envelope', 'mailFrom', 'rcptTo', 'identityId', 'emailId', 'sendAt'],
  ...['undoStatus', 'receivedAt', 'headers', 'AND', 'OR', 'NOT', 'canceled', '$seen', 'AND', 'text/plain', '1', '0'],
  ...['2026-11-24T12:00:00Z', 'keywords/$seen', 'mailboxIds/x', 'a/b/c', '#a', '', 'x'.repeat(300), 'é\u0000\u{1f600}'],
];

const leaf = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -1, 1.5, 2 ** 53, 1e300, -0),
  fc.constantFrom(...words),
  fc.nat(40).map((i) => ids.mine[i % ids.mine.length] ?? ''),
);
const key = fc.oneof(
  fc.constantFrom(...words, ...memberNames),
  fc.nat(40).map((i) => ids.mine[i % ids.mine.length] ?? ''),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(key, tie('json'), { maxKeys: 5 }),
  ),
}));

describe('every JMAP method', () => {
  it('answers whatever it is given with an answer of JMAP', async () => {
    const call = fc.record({
      method: fc.nat(1_000),
      args: fc.dictionary(fc.constantFrom(...memberNames), json, { maxKeys: 5, noNullPrototype: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 8 }), async (calls) => {
        const { methodResponses } = await ada.request(
          calls.map(({ method, args }, i) => [
            methods[method % methods.length]!,
            { accountId: ada.accountId, ...args },
            String(i),
          ]),
        );
        for (const [name, answer, callId] of methodResponses) {
          if (name !== 'error') continue;
          const { method, args } = calls[Number(callId)]!;
          assert.notEqual(answer['type'], 'serverFail', `${methods[method % methods.length]} ${JSON.stringify(args)}`);
        }
      }),
      { numRuns: runs, includeErrorInReport: true },
    );
    assert.equal((await ada.request([['Core/echo', {}, '0']])).methodResponses[0]![0], 'Core/echo');
  });

  it('knows nothing of what is somebody else’s', async () => {
    const before = await bob.request([
      ['Mailbox/get', { accountId: bob.accountId, ids: null }, '0'],
      ['EmailSubmission/get', { accountId: bob.accountId, ids: null }, '1'],
    ]);
    const map = (value: unknown) => Object.fromEntries(ids.theirs.map((id) => [id, value]));
    const shapes: Answer[] = [
      { ids: ids.theirs },
      { blobIds: ids.theirs },
      { emailIds: ids.theirs, filter: { text: secret } },
      { ids: ids.theirs, typeNames: ['Email'] },
      { destroy: ids.theirs, onDestroyRemoveEmails: true },
      { destroy: ids.theirs },
      { update: map({ keywords: { $flagged: true } }) },
      { update: map({ name: 'taken' }) },
      { update: map({ undoStatus: 'canceled' }) },
      { filter: { text: secret } },
      ...ids.theirs.flatMap((id) => [
        { filter: { inMailbox: id } },
        { anchor: id },
        { create: { a: { name: 'x', parentId: id } } },
        { create: { a: { mailboxIds: { [id]: true }, subject: 'x' } } },
        { create: { a: { emailId: id, identityId: id } } },
        { create: { a: { data: [{ blobId: id }] } } },
        { create: { a: { mailboxIds: { [ids.mine[0]!]: true }, attachments: [{ blobId: id, type: 'text/plain' }] } } },
        { emails: { a: { blobId: id, mailboxIds: { [id]: true } } } },
      ]),
    ];
    for (const method of methods) {
      if (method === 'Core/echo') continue;
      for (let i = 0; i < shapes.length; i += 60) {
        const calls = shapes.slice(i, i + 60);
        const { methodResponses } = await ada.request(
          calls.map((args, at) => [method, { accountId: ada.accountId, ...args }, String(at)]),
        );
        for (const [name, answer, callId] of methodResponses) {
          const what = `${method} ${JSON.stringify(calls[Number(callId)]).slice(0, 200)}`;
          assert.notEqual(answer['type'], 'serverFail', what);
          assert.ok(!JSON.stringify(answer).includes(secret) || method.startsWith('SearchSnippet'), what);
          for (const done of ['list', 'updated', 'destroyed', 'created', 'parsed']) {
            const value = answer[done] ?? {};
            const named = Array.isArray(value)
              ? value.map((each: Answer) => each.id ?? each)
              : Object.keys(value as object);
            assert.deepEqual(
              named.filter((id: string) => ids.theirs.includes(id)),
              [],
              `${name}: ${what}`,
            );
          }
        }
      }
    }
    const now = await bob.request([
      ['Mailbox/get', { accountId: bob.accountId, ids: null }, '0'],
      ['EmailSubmission/get', { accountId: bob.accountId, ids: null }, '1'],
    ]);
    assert.deepEqual(now.methodResponses, before.methodResponses);
  });
});
