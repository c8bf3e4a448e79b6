/** RFC 8620 sections 2 to 4 over a socket: session, requests, result references, errors. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { methodErrorOf } from '@vaguemestre/server/http/jmap/error-types';
import { errorCodes } from '@vaguemestre/server/kernel/errors';
import { maxJmapCallsInRequest } from '@vaguemestre/server/kernel/limits';
import { type CoreCapability, capability, type Invocation } from '@vaguemestre/shared/jmap/core';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';

let service: JmapService;
let ada: JmapPerson;
let bob: JmapPerson;

before(async () => {
  service = await startJmapService();
  ada = await service.person();
  bob = await service.person();
});
after(() => service.close());

const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Response> =>
  ada.fetch('/jmap/api', { method: 'POST', headers: { 'content-type': type }, body });

async function problem(reply: Response): Promise<Answer> {
  assert.equal(reply.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  return reply.json();
}

const using = [capability.core, capability.mail];
const error = 'urn:ietf:params:jmap:error:';

describe('the session resource', () => {
  it('is found by its well-known address, by whoever is signed in', async () => {
    const reply = await ada.fetch('/.well-known/jmap');
    assert.equal(reply.status, 200);
    assert.equal(new URL(reply.url).pathname, '/jmap/session');
    assert.match(String(reply.headers.get('cache-control')), /no-store/);
    assert.equal((await fetch(`${service.origin}/jmap/session`)).status, 401);
    assert.equal((await fetch(`${service.origin}/jmap/api`, { method: 'POST', body: '{}' })).status, 401);
  });

  it('tells the account, what it can do and the limits that are kept', async () => {
    const session = await ada.session();
    assert.deepEqual(Object.keys(session.accounts), [ada.accountId]);
    assert.equal(session.username, ada.principal.address);
    const account = session.accounts[ada.accountId]!;
    assert.equal(account.isPersonal, true);
    assert.equal(account.isReadOnly, false);
    for (const name of Object.values(capability)) {
      assert.ok(session.capabilities[name] !== undefined, name);
      assert.ok(account.accountCapabilities[name] !== undefined, name);
      assert.equal(session.primaryAccounts[name], name === capability.core ? undefined : ada.accountId, name);
    }
    const core: CoreCapability = session.capabilities[capability.core];
    for (const [name, limit] of Object.entries(core)) {
      if (name !== 'collationAlgorithms') assert.ok(Number.isSafeInteger(limit) && (limit as number) > 0, name);
    }
    assert.ok(core.maxObjectsInGet >= 500 && core.maxObjectsInSet >= 500 && core.maxCallsInRequest >= 16);
    assert.equal(session.apiUrl, `${service.origin}/jmap/api`);
    for (const part of ['{accountId}', '{blobId}', '{name}', '{type}']) assert.ok(session.downloadUrl.includes(part));
    assert.ok(session.uploadUrl.includes('{accountId}'));
    for (const part of ['{types}', '{closeafter}', '{ping}']) assert.ok(session.eventSourceUrl.includes(part));
  });

  it('has a state that every response repeats and that is the same for the same session', async () => {
    const { state } = await ada.session();
    assert.equal((await ada.session()).state, state);
    assert.equal((await ada.request([])).sessionState, state);
    assert.notEqual((await bob.session()).state, state);
  });
});

describe('a request', () => {
  it('that is no JSON, or JSON that is not of the Internet, is notJSON', async () => {
    const echo = `"methodCalls":[["Core/echo",{},"0"]]`;
    const bad = [
      'this is not json',
      '',
      `{"using":[],${echo},"using":[]}`,
      `{"using":[],"methodCalls":[["Core/echo",{"a":{"x":1,"\\u0078":2}},"0"]]}`,
      `{"using":["\\ud800"],${echo}}`,
      `{"using":[],"methodCalls":${'['.repeat(200)}${']'.repeat(200)}}`,
      Uint8Array.from([0x22, 0xff, 0x22]),
      `\ufeff{"using":[],${echo}}`,
    ];
    for (const body of bad) {
      const reply = await post(body);
      assert.equal(reply.status, 400, String(body).slice(0, 60));
      assert.equal((await problem(reply)).type, `${error}notJSON`, String(body).slice(0, 60));
    }
    const wrongType = await post(`{"using":[],${echo}}`, 'text/plain');
    assert.equal(wrongType.status, 400);
    assert.equal((await problem(wrongType)).type, `${error}notJSON`);
  });

  it('that does not have the form of one is notRequest', async () => {
    const bad = [
      {},
      [],
      'text',
      { using: 'x', methodCalls: [] },
      { using: [1], methodCalls: [] },
      { using },
      { using, methodCalls: {} },
      { using, methodCalls: [['Core/echo', {}]] },
      { using, methodCalls: [['Core/echo', [], '0']] },
      { using, methodCalls: [['Core/echo', {}, 0]] },
      { using, methodCalls: [['Core/echo', {}, '0', 1]] },
      { using, methodCalls: [], createdIds: [] },
      { using, methodCalls: [], createdIds: { a: 'not an id' } },
    ];
    for (const body of bad) {
      const reply = await post(JSON.stringify(body));
      assert.equal(reply.status, 400, JSON.stringify(body));
      assert.equal((await problem(reply)).type, `${error}notRequest`, JSON.stringify(body));
    }
  });

  it('that uses what is not there is unknownCapability', async () => {
    const reply = await post(JSON.stringify({ using: [capability.core, 'urn:fake'], methodCalls: [] }));
    assert.equal(reply.status, 400);
    assert.equal((await problem(reply)).type, `${error}unknownCapability`);
  });

  it('over a limit is told which', async () => {
    const calls = Array.from({ length: maxJmapCallsInRequest + 1 }, (_, i) => ['Core/echo', {}, String(i)]);
    const many = await post(JSON.stringify({ using, methodCalls: calls }));
    assert.equal(many.status, 400);
    const told = await problem(many);
    assert.equal(told.type, `${error}limit`);
    assert.equal(told.limit, 'maxCallsInRequest');

    const core = (await ada.session()).capabilities[capability.core];
    const large = await post(`"${'x'.repeat(core.maxSizeRequest)}"`);
    assert.equal((await problem(large)).limit, 'maxSizeRequest');
  });

  it('is ignored for members that nobody knows', async () => {
    const { methodResponses } = await ada.request([['Core/echo', { a: 1 }, 'x']], { future: true });
    assert.deepEqual(methodResponses, [['Core/echo', { a: 1 }, 'x']]);
  });

  it('is answered call by call in order, errors in their places', async () => {
    const { methodResponses, createdIds } = await ada.request([
      ['Core/echo', { hello: true, deep: [{ x: null }] }, 'one'],
      ['Foo/nonexistent', {}, 'two'],
      ['Core/echo', {}, 'two'],
    ]);
    assert.deepEqual(methodResponses[0], ['Core/echo', { hello: true, deep: [{ x: null }] }, 'one']);
    assert.equal(methodResponses[1]![0], 'error');
    assert.equal(methodResponses[1]![1]['type'], 'unknownMethod');
    assert.equal(methodResponses[1]![2], 'two');
    assert.deepEqual(methodResponses[2], ['Core/echo', {}, 'two']);
    assert.equal(createdIds, undefined);
  });

  it('gets its created ids back if it brought some', async () => {
    const { createdIds } = await ada.request([], { createdIds: { a: 'b', __proto__x: 'c' } });
    assert.deepEqual(createdIds, { a: 'b', __proto__x: 'c' });
  });

  it('knows only methods of what it is using', async () => {
    const { methodResponses } = await ada.request([['Core/echo', {}, '0']], { using: [capability.mail] });
    assert.equal(methodResponses[0]![1]['type'], 'unknownMethod');
  });
});

describe('result references', () => {
  async function refer(first: Answer, reference: Answer, more: Answer = {}): Promise<Invocation> {
    const { methodResponses } = await ada.request([
      ['Core/echo', first, 'a'],
      ['Core/echo', { '#got': reference, ...more }, 'b'],
    ]);
    return methodResponses[1]!;
  }
  const at = (path: string) => ({ resultOf: 'a', name: 'Core/echo', path });
  const data = {
    list: [
      { id: 1, tags: ['x', 'y'] },
      { id: 2, tags: [] },
      { id: 3, tags: ['z'] },
    ],
    'a/b~c': { '': 'deep' },
    none: null,
    __proto__x: 1,
  };

  it('take values by pointer, through arrays by *', async () => {
    const cases: [string, unknown][] = [
      ['/list/*/id', [1, 2, 3]],
      ['/list/*/tags', ['x', 'y', 'z']],
      ['/list/0/tags/1', 'y'],
      ['/a~1b~0c/', 'deep'],
      ['/none', null],
      ['', data],
    ];
    for (const [path, expected] of cases) {
      assert.deepEqual(await refer(data, at(path)), ['Core/echo', { got: expected }, 'b'], path);
    }
  });

  it('that lead nowhere are invalidResultReference', async () => {
    const bad = [
      at('/list/9'),
      at('/list/01'),
      at('/list/-1'),
      at('/list/*/none'),
      at('/nothing'),
      at('/constructor'),
      at('list'),
      at('/none/x'),
      { ...at('/list'), resultOf: 'zzz' },
      { ...at('/list'), resultOf: 'b' },
      { ...at('/list'), name: 'Mailbox/get' },
      { resultOf: 'a', name: 'Core/echo' },
      'text',
      null,
    ];
    for (const reference of bad) {
      const [name, args] = await refer(data, reference);
      assert.equal(name, 'error', JSON.stringify(reference));
      assert.equal(args['type'], 'invalidResultReference', JSON.stringify(reference));
    }
  });

  it('beside the plain argument are invalidArguments', async () => {
    assert.equal((await refer(data, at('/list'), { got: 1 }))[1]['type'], 'invalidArguments');
  });

  it('to an error fail, and an error in between does not stop the rest', async () => {
    const { methodResponses } = await ada.request([
      ['No/such', {}, 'a'],
      ['Core/echo', { '#x': at('/type') }, 'b'],
      ['Core/echo', { y: 1 }, 'c'],
    ]);
    assert.equal(methodResponses[1]![1]['type'], 'invalidResultReference');
    assert.deepEqual(methodResponses[2], ['Core/echo', { y: 1 }, 'c']);
  });
});

describe('errors of the domain', () => {
  it('have a JMAP type each', () => {
    for (const code of errorCodes) assert.equal(typeof methodErrorOf[code], 'string', code);
  });
});
