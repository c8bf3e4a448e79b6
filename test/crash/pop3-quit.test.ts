/**
 * POP3 when the end of a session is lost: the client vanishes in RETR or in QUIT, or the whole service dies between QUIT and its
 * answer. What was deleted is gone, all of it or nothing (RFC 1939 6), an answered QUIT is kept, and a client that goes by UIDL
 * never finds a message that it took under another name. VAGUEMESTRE_QUIT_ROUNDS sets how often the service dies.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Laboratory, openLaboratory } from '../harness/laboratory.js';
import type { Pop3Client } from '../harness/pop3-client.js';
import { chance } from '../harness/seeded-random.js';

const rounds = Number(process.env['VAGUEMESTRE_QUIT_ROUNDS'] ?? 3);
const letters = 12;

async function deliver(laboratory: Laboratory, from: number): Promise<void> {
  const lmtp = await laboratory.lmtp();
  await lmtp.lhlo();
  for (let i = from; i < from + letters; i++) {
    const message = Buffer.from(`Subject: letter ${i}\r\n\r\n${'text\r\n'.repeat(2_000)}`);
    const [reply] = await lmtp.deliver({ to: [laboratory.address('quit')], message });
    assert.equal(reply?.code, 250);
  }
  await lmtp.quit();
}

/** A session that died holds the maildrop until its lock is released. */
async function login(laboratory: Laboratory): Promise<Pop3Client> {
  for (;;) {
    try {
      return await laboratory.pop3('quit');
    } catch (error) {
      if (!String(error).includes('[IN-USE]')) throw error;
      await sleep(100);
    }
  }
}

async function uidsOf(client: Pop3Client): Promise<string[]> {
  return (await client.multi('UIDL')).map((line) => line.split(' ')[1]!);
}

/** A client that leaves nothing on the server, up to the QUIT. `seen` is its table. */
async function takeAll(client: Pop3Client, seen: Map<string, string>): Promise<number> {
  const uids = await uidsOf(client);
  let fresh = 0;
  for (const [i, uid] of uids.entries()) {
    if (!seen.has(uid)) {
      fresh++;
      const subject = (await client.multi(`RETR ${i + 1}`)).find((line) => line.startsWith('Subject: '))!;
      assert.ok(![...seen.values()].includes(subject), `${subject} again, as ${uid}`);
      seen.set(uid, subject);
    }
    await client.ok(`DELE ${i + 1}`);
  }
  return fresh;
}

test('an end that is lost loses nothing and gives nothing twice', { timeout: 180_000 + rounds * 60_000 }, async (t) => {
  const luck = chance();
  t.diagnostic(`seed ${luck.seed}`);
  const folder = mkdtempSync(join(tmpdir(), 'vm-quit-'));
  const seen = new Map<string, string>();
  let laboratory = await openLaboratory([], { folder });
  try {
    await laboratory.add('quit', '--role', 'permanent', '--allow', 'pop3', '--taken', 'remove');
    await deliver(laboratory, 0);

    const inRetr = await login(laboratory);
    await inRetr.ok('DELE 1');
    await inRetr.ok('RETR 2');
    inRetr.destroy();
    const whole = await login(laboratory);
    assert.equal((await uidsOf(whole)).length, letters, 'a session without QUIT deletes nothing');
    assert.equal(await takeAll(whole, seen), letters);
    whole.send('QUIT\r\n');
    whole.destroy();
    const afterCut = await login(laboratory);
    const left = (await uidsOf(afterCut)).length;
    assert.ok(left === 0 || left === letters, `${left} of ${letters} after a QUIT nobody waited for`);
    assert.equal(await takeAll(afterCut, seen), 0);
    assert.match(await afterCut.quit(), /^\+OK/);

    const outcomes = { all: 0, none: 0, answered: 0 };
    for (let round = 0; round < rounds; round++) {
      await deliver(laboratory, (round + 1) * letters);
      const client = await login(laboratory);
      assert.equal(await takeAll(client, seen), letters);
      client.send('QUIT\r\n');
      const answer = client.line().catch(() => '');
      // Before it is read, while it is committed, after it was answered.
      await sleep(luck.below(luck.below(2) === 0 ? 8 : 60));
      await laboratory.service.stop('SIGKILL');
      const said = await answer;
      client.destroy();
      laboratory = await openLaboratory([], { folder });
      const again = await login(laboratory);
      const kept = (await uidsOf(again)).length;
      assert.ok(kept === 0 || kept === letters, `round ${round}: ${kept} of ${letters}`);
      if (said.startsWith('+OK')) {
        outcomes.answered++;
        assert.equal(kept, 0, 'what was acknowledged is gone');
      } else outcomes[kept === 0 ? 'all' : 'none']++;
      assert.equal(await takeAll(again, seen), 0, 'nothing is downloaded twice');
      assert.match(await again.quit(), /^\+OK/);
    }
    t.diagnostic(JSON.stringify(outcomes));
    const check = await laboratory.service.stop().then(() => laboratory.command('check'));
    assert.equal(check.code, 0, check.output);
  } finally {
    await laboratory.service.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
