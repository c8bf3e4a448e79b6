import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RelayService, sendMail, startRelayService, until } from '../harness/relay-service.js';
import { chance } from '../harness/seeded-random.js';

/**
 * kill -9 of the whole service while mail comes in by the relay: what was answered 250 reaches the mailbox, once, and the host outside,
 * at least once; whatever moment the kill came in. VAGUEMESTRE_CRASH_ROUNDS sets the rounds.
 */
const rounds = Math.min(Number(process.env['VAGUEMESTRE_CRASH_ROUNDS'] ?? 2), 30);

test(`${rounds} rounds of kill -9 while the relay takes mail`, { timeout: rounds * 30_000 + 120_000 }, async (t) => {
  const luck = chance();
  t.diagnostic(`seed ${luck.seed}`);
  const folder = mkdtempSync(join(tmpdir(), 'vm-crash-relay-'));
  const accepted = new Set<string>();
  const outside = new Set<string>();
  let lab: RelayService | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      lab = await startRelayService(round === 0 ? ['anne'] : [], { service: { folder } });
      const busy = Promise.allSettled([0, 1, 2, 3].map((number) => busySender(lab!, `${round}-${number}`, accepted)));
      const enough = accepted.size + 10 + luck.below(20);
      while (accepted.size < enough) {
        const ended = await Promise.race([busy, sleep(5)]);
        assert.equal(ended, undefined, 'the senders have ended before the service');
      }
      await sleep(luck.below(30));
      await lab.service.stop('SIGKILL');
      for (const outcome of await busy) assert.equal(outcome.status, 'rejected');
      gather(lab, outside);
      await lab.outside.close();
    }
    lab = await startRelayService([], { service: { folder } });
    const last = lab;
    await until('all mail is where it belongs', async () => {
      gather(last, outside);
      const arrived = new Set(await subjects(last));
      return [...accepted].every((id) => outside.has(id) && arrived.has(id));
    });
    await until('nothing waits any more', async () => {
      const { messages } = JSON.parse((await last.run('relay', 'queue', '--json')).output) as { messages: unknown[] };
      return messages.length === 0 && spooled(folder) === 0;
    });
    const arrived = await subjects(lab);
    assert.equal(new Set(arrived).size, arrived.length, 'something came twice');
    t.diagnostic(`${accepted.size} accepted, ${arrived.length} arrived`);
    await lab.close();
  } finally {
    await lab?.service.stop('SIGKILL').catch(() => undefined);
    await lab?.outside.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function busySender(lab: RelayService, name: string, accepted: Set<string>): Promise<void> {
  const client = await lab.talk('internal');
  for (let serial = 0; ; serial++) {
    const id = `m${name}-${serial}`;
    // Some are larger than what the spool keeps in memory.
    const body = 'x'
      .repeat(70)
      .concat('\r\n')
      .repeat(serial % 5 === 0 ? 3_000 : 3);
    const replies = await sendMail(client, {
      from: '<cron@pc1.labo.example>',
      to: ['<anne@labo.example>', '<far@outside.example>'],
      content: `From: cron@pc1.labo.example\r\nSubject: ${id}\r\n\r\n${body}`,
    });
    assert.deepEqual(
      replies.map(({ code }) => code),
      [250, 250, 250, 354, 250],
    );
    accepted.add(id);
  }
}

function gather({ outside }: RelayService, found: Set<string>): void {
  for (const { content } of outside.messages) found.add(/^Subject: (\S+)/m.exec(content.toString('latin1'))![1]!);
}

async function subjects(lab: RelayService): Promise<readonly string[]> {
  const client = await lab.imap('anne');
  try {
    await client.command('EXAMINE INBOX');
    const reply = await client.command('UID FETCH 1:* (ENVELOPE)');
    return reply.untagged
      .filter(({ name }) => name === 'FETCH')
      .map((one) => /m\d+-\d+-\d+/.exec(JSON.stringify(one, latin1))![0]);
  } finally {
    client.destroy();
  }
}

const latin1 = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
    ? Buffer.from(value.data as number[]).toString('latin1')
    : value;

function spooled(folder: string): number {
  return readdirSync(join(folder, 'relay/spool'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  ).length;
}
