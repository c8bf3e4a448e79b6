import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { webClient } from '../../harness/web-client.js';

type Answer = Readonly<Record<string, unknown>>;

describe('sending in a running service', () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory(['anne', 'bruno']);
  });
  after(() => laboratory.stop());

  async function signIn(name: string) {
    const client = webClient({ port: laboratory.service.port('http') });
    await client.signIn(laboratory.address(name), laboratory.password);
    const { primaryAccounts } = (await client.get('/jmap/session')).json<{ primaryAccounts: Answer }>();
    const accountId = Object.values(primaryAccounts)[0];
    const using = ['core', 'mail', 'submission'].map((one) => `urn:ietf:params:jmap:${one}`);
    const request = async (
      ...calls: readonly (readonly [string, Answer])[]
    ): Promise<readonly [string, Answer, string][]> => {
      const methodCalls = calls.map(([method, args], i) => [method, { accountId, ...args }, String(i)]);
      const reply = await client.post('/jmap/api', { using, methodCalls });
      assert.equal(reply.status, 200, reply.text);
      return reply.json<{ methodResponses: [string, Answer, string][] }>().methodResponses;
    };
    const boxes = (await request(['Mailbox/get', { ids: null }]))[0]![1]['list'] as { id: string; role: string }[];
    const identities = (await request(['Identity/get', { ids: null }]))[0]![1]['list'] as { id: string }[];
    return {
      client,
      request,
      box: (role: string) => boxes.find((one) => one.role === role)!.id,
      identity: identities[0]!.id,
    };
  }

  /** As the webmail sends: the draft, its submission and its move in one request. */
  async function write(
    from: Awaited<ReturnType<typeof signIn>>,
    sender: string,
    to: string,
    subject: string,
    holdFor = '0',
  ) {
    const { request, box, identity } = from;
    const email = {
      mailboxIds: { [box('drafts')]: true },
      keywords: { $draft: true, $seen: true },
      from: [{ name: 'Anne', email: laboratory.address(sender) }],
      to: [{ name: null, email: to }],
      subject,
      bodyValues: { text: { value: 'Bonjour' } },
      textBody: [{ partId: 'text', type: 'text/plain' }],
    };
    const envelope = {
      mailFrom: { email: laboratory.address(sender), parameters: { HOLDFOR: holdFor } },
      rcptTo: [{ email: to }],
    };
    const responses = await request(
      ['Email/set', { create: { draft: email } }],
      [
        'EmailSubmission/set',
        {
          create: { send: { identityId: identity, emailId: '#draft', envelope } },
          onSuccessUpdateEmail: {
            '#send': {
              [`mailboxIds/${box('drafts')}`]: null,
              [`mailboxIds/${box('sent')}`]: true,
              'keywords/$draft': null,
            },
          },
        },
      ],
    );
    assert.deepEqual(
      responses.map(([name]) => name),
      ['Email/set', 'EmailSubmission/set', 'Email/set'],
      JSON.stringify(responses),
    );
    const created = responses[1]![1]['created'] as { send: { id: string } } | null;
    assert.ok(created, JSON.stringify(responses));
    return created.send.id;
  }

  async function subjects(of: Awaited<ReturnType<typeof signIn>>, role: string): Promise<string[]> {
    const [, [, { list }]] = (await of.request(
      ['Email/query', { filter: { inMailbox: of.box(role) } }],
      ['Email/get', { '#ids': { resultOf: '0', name: 'Email/query', path: '/ids' }, properties: ['subject'] }],
    )) as unknown as [unknown, [string, { list: { subject: string }[] }]];
    return list.map(({ subject }) => subject);
  }

  async function arrives(of: Awaited<ReturnType<typeof signIn>>, subject: string, withinMs: number): Promise<number> {
    const start = performance.now();
    while (!(await subjects(of, 'inbox')).includes(subject)) {
      assert.ok(performance.now() - start < withinMs, `${subject} did not come in time`);
      await sleep(20);
    }
    return performance.now() - start;
  }

  it('carries mail between two people who write to each other in the webmail', async (t) => {
    const anne = await signIn('anne');
    const bruno = await signIn('bruno');
    await write(anne, 'anne', laboratory.address('bruno'), 'Une question');
    const ms = await arrives(bruno, 'Une question', 20_000);
    t.diagnostic(`arrived ${ms.toFixed(0)} ms after it was accepted`);
    assert.deepEqual(await subjects(anne, 'sent'), ['Une question']);
    assert.deepEqual(await subjects(anne, 'drafts'), []);
    await write(bruno, 'bruno', laboratory.address('anne'), 'Une réponse');
    await arrives(anne, 'Une réponse', 20_000);
    const { list } = (await anne.client.get('/api/directory?q=bru')).json<{ list: { address: string }[] }>();
    assert.deepEqual(
      list.map(({ address }) => address),
      [laboratory.address('bruno')],
    );
  });

  it('holds what may still be taken back, and shows it in status', async () => {
    const anne = await signIn('anne');
    const bruno = await signIn('bruno');
    const undone = await write(anne, 'anne', laboratory.address('bruno'), 'À reprendre', '120');
    await write(anne, 'anne', 'jean@ailleurs.example', 'Dehors');
    const begun = performance.now();
    const kept = await write(anne, 'anne', laboratory.address('bruno'), 'Dans deux secondes', '2');
    const [[, set]] = (await anne.request([
      'EmailSubmission/set',
      { update: { [undone]: { undoStatus: 'canceled' } } },
    ])) as unknown as [[string, Answer]];
    assert.deepEqual(set['updated'], { [undone]: null });
    await arrives(bruno, 'Dans deux secondes', 30_000);
    assert.ok(performance.now() - begun >= 2_000, 'not before its time');
    assert.ok(!(await subjects(bruno, 'inbox')).includes('À reprendre'));
    // The reader may have it a moment before it is written down that they have.
    for (let undoStatus = ''; undoStatus !== 'final'; await sleep(20)) {
      assert.ok(performance.now() - begun < 60_000, `it stays ${undoStatus}`);
      const [[, { list }]] = (await anne.request(['EmailSubmission/get', { ids: [kept] }])) as unknown as [
        [string, Answer],
      ];
      undoStatus = (list as { undoStatus: string }[])[0]!.undoStatus;
    }
    const status = await laboratory.command('status');
    assert.match(status.output, /outbox: +1 message waits, 1 for a way out of the laboratory; the oldest since /);
  });
});
