import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetched } from '../harness/imap-client.js';
import { type Laboratory, openLaboratory } from '../harness/laboratory.js';
import { chance } from '../harness/seeded-random.js';
import { webClient } from '../harness/web-client.js';

/**
 * kill -9 of the whole service while people send: what was accepted reaches its reader once, what was refused is told once, whatever
 * moment the kill came in. VAGUEMESTRE_CRASH_ROUNDS sets the rounds.
 */
const rounds = Math.min(Number(process.env['VAGUEMESTRE_CRASH_ROUNDS'] ?? 2), 30);
/** A lease, and a look at the outbox. */
const patienceMs = 40_000;

interface Promises {
  /** Submissions to somebody, to nobody: acknowledged. */
  readonly delivered: Set<string>;
  readonly refused: Set<string>;
}

test(`${rounds} rounds of kill -9 while mail is sent`, { timeout: rounds * 20_000 + 60_000 }, async (t) => {
  const luck = chance();
  t.diagnostic(`seed ${luck.seed}`);
  const folder = mkdtempSync(join(tmpdir(), 'vm-crash-out-'));
  const promised: Promises = { delivered: new Set(), refused: new Set() };
  let laboratory: Laboratory | undefined;
  try {
    let emailId: string | undefined;
    for (let round = 0; round < rounds; round++) {
      laboratory = await openLaboratory(round === 0 ? ['anne', 'bruno'] : [], { folder });
      emailId ??= await writeDraft(laboratory);
      const busy = Promise.allSettled([0, 1, 2].map((number) => busySender(laboratory!, emailId!, number, promised)));
      const enough = promised.delivered.size + promised.refused.size + 10 + luck.below(20);
      while (promised.delivered.size + promised.refused.size < enough) {
        const ended = await Promise.race([busy, sleep(5)]);
        assert.equal(ended, undefined, 'the senders have ended before the service');
      }
      await sleep(luck.below(30));
      await laboratory.service.stop('SIGKILL');
      for (const outcome of await busy) assert.equal(outcome.status, 'rejected');
    }
    laboratory = await openLaboratory([], { folder });
    await everythingSent(laboratory);
    const arrived = await idsIn(laboratory, 'bruno', 'Received', /\bid ([0-9a-f]{24})\b/);
    const told = await noticesIn(laboratory);
    for (const id of promised.delivered) assert.ok(arrived.includes(id), `${id} was accepted and never came`);
    for (const id of promised.refused) assert.ok(told.includes(id), `${id} failed and nobody was told`);
    assert.equal(new Set(arrived).size, arrived.length, 'something came twice');
    assert.equal(new Set(told).size, told.length, 'something was told twice');
    t.diagnostic(`${promised.delivered.size} sent, ${promised.refused.size} refused, ${arrived.length} arrived`);
    assert.ok(promised.delivered.size + promised.refused.size >= 10 * rounds, 'hardly anything was sent');
    const checked = await laboratory.command('check');
    assert.equal(checked.code, 0, checked.output + checked.errors);
    await laboratory.stop();
  } finally {
    await laboratory?.service.stop('SIGKILL').catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
});

async function writeDraft(laboratory: Laboratory): Promise<string> {
  const imap = await laboratory.imap('anne');
  const message = `From: ${laboratory.address('anne')}\r\nSubject: encore\r\n\r\nBonjour\r\n`;
  await imap.command('CREATE brouillon');
  await imap.append('brouillon', Buffer.from(message));
  await imap.ok('SELECT brouillon');
  const reply = await imap.ok('FETCH 1 (UID EMAILID)');
  const [item] = fetched(reply.untagged).values();
  await imap.logout();
  const id = [item?.get('EMAILID')].flat()[0];
  return String(id);
}

type Invocation = readonly [string, Readonly<Record<string, unknown>>, string];

async function jmap(laboratory: Laboratory) {
  const client = webClient({ port: laboratory.service.port('http') });
  await client.signIn(laboratory.address('anne'), laboratory.password);
  const session = (await client.get('/jmap/session')).json<{ primaryAccounts: Record<string, string> }>();
  const accountId = Object.values(session.primaryAccounts)[0]!;
  const using = ['core', 'mail', 'submission'].map((name) => `urn:ietf:params:jmap:${name}`);
  return async <T>(method: string, args: Readonly<Record<string, unknown>>): Promise<T> => {
    const call: Invocation = [method, { accountId, ...args }, '0'];
    const reply = await client.post('/jmap/api', { using, methodCalls: [call] });
    assert.equal(reply.status, 200, reply.text);
    return reply.json<{ methodResponses: readonly (readonly [string, T, string])[] }>().methodResponses[0]![1];
  };
}

/** Sends one message after the other, every third to nobody, until the service dies. */
async function busySender(laboratory: Laboratory, emailId: string, number: number, promised: Promises): Promise<void> {
  const call = await jmap(laboratory);
  const { list } = await call<{ list: readonly { id: string }[] }>('Identity/get', { ids: null });
  const identityId = list[0]!.id;
  for (let serial = number; ; serial++) {
    const refused = serial % 3 === 0;
    const envelope = {
      mailFrom: { email: laboratory.address('anne') },
      rcptTo: [{ email: laboratory.address(refused ? 'personne' : 'bruno') }],
    };
    const create = { one: { identityId, emailId, envelope } };
    const set = await call<{ created: Record<string, { id: string }> | null }>('EmailSubmission/set', { create });
    const id = set.created?.['one']?.id;
    assert.ok(id !== undefined, JSON.stringify(set));
    (refused ? promised.refused : promised.delivered).add(id);
  }
}

async function everythingSent(laboratory: Laboratory): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const status = await laboratory.command('status', '--json');
    const { outbox } = JSON.parse(status.output) as { outbox: { waiting: number } };
    if (outbox.waiting === 0) return;
    assert.ok(performance.now() < deadline, `${outbox.waiting} submissions are still there`);
    await sleep(1_000);
  }
}

async function idsIn(laboratory: Laboratory, person: string, field: string, pattern: RegExp): Promise<string[]> {
  const imap = await laboratory.imap(person);
  await imap.ok('EXAMINE INBOX');
  const reply = await imap.ok(`FETCH 1:* (BODY.PEEK[HEADER.FIELDS (${field})])`);
  await imap.logout();
  return [...fetched(reply.untagged).values()].map((item) => {
    const found = pattern.exec((item.get(`BODY[HEADER.FIELDS (${field.toUpperCase()})]`) as Buffer).toString());
    return found?.[1] ?? assert.fail(`${person} has a message without an id`);
  });
}

async function noticesIn(laboratory: Laboratory): Promise<string[]> {
  const imap = await laboratory.imap('anne');
  await imap.ok('EXAMINE INBOX');
  const reply = await imap.ok('FETCH 1:* (BODY.PEEK[2])');
  await imap.logout();
  return [...fetched(reply.untagged).values()].map((item) => {
    const found = /X-Vaguemestre-Submission: ([0-9a-f]{24})/.exec((item.get('BODY[2]') as Buffer).toString());
    return found?.[1] ?? assert.fail('a notice without a submission');
  });
}
