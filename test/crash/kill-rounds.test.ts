import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../harness/command.js';
import { type Laboratory, openLaboratory } from '../harness/laboratory.js';
import { chance } from '../harness/seeded-random.js';
import { busyReader, busyRelay, inventory, type Undelivered } from './busy-clients.js';
import { Ledger } from './ledger.js';

/**
 * kill -9 of the whole service at random moments during deliveries, appends, copies, moves, expunges and flag changes: nothing
 * acknowledged is lost, nothing is there twice, and `check` finds nothing. VAGUEMESTRE_CRASH_ROUNDS sets the rounds; they are
 * run on two stores at a time, since a start waits for many things.
 */
const rounds = Number(process.env['VAGUEMESTRE_CRASH_ROUNDS'] ?? 50);
const lanes = Math.min(2, rounds);

/** Only what the clients need, since starting is most of a round; with one worker, or with two that share the store. */
const environment = (round: number) => ({
  ...Object.fromEntries(
    ['IMAP', 'POP3', 'POP3S', 'SUBMISSION', 'SUBMISSIONS', 'HTTP', 'HTTPS', 'METRICS'].map((name) => [
      `VAGUEMESTRE_LISTEN_${name}`,
      'off',
    ]),
  ),
  VAGUEMESTRE_WORKERS: String(1 + (round % 2)),
});

/**
 * What a client may meet: a worker outlives the store by a moment, until it hears that the main process is gone. What it says
 * then concerns reads before the commit. Of an entry that was sent it would say nothing for half a minute, and then not that
 * it was refused: LMTP 451 is asked again and recognised by its ENVID, IMAP ends without a tagged response.
 */
const diedUnder = /connection closed|ECONNRESET|ECONNREFUSED|EPIPE|451 4\.3\.0|NO \[UNAVAILABLE\]/;

test(`${rounds} rounds of kill -9 lose nothing that was acknowledged`, { timeout: rounds * 20_000 }, async (t) => {
  const luck = chance();
  t.diagnostic(`seed ${luck.seed}`);
  const seeds = Array.from({ length: lanes }, () => luck.below(2 ** 30));
  const run = (seed: number, lane: number) => killAgainAndAgain(t, seed, Math.floor((rounds + lane) / lanes));
  const outcomes = await Promise.allSettled(seeds.map(run));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
});

async function killAgainAndAgain(t: TestContext, seed: number, rounds: number): Promise<void> {
  const luck = chance(seed);
  const folder = mkdtempSync(join(tmpdir(), 'vm-crash-'));
  const ledger = new Ledger();
  const waiting: Undelivered[][] = [[], []];
  let laboratory: Laboratory | undefined;
  let round = 0;
  try {
    for (; round < rounds; round++) {
      laboratory = await openLaboratory(round === 0 ? ['crash'] : [], { folder, environment: environment(round) });
      const { found, uids } = await inventory(laboratory, 'crash');
      ledger.compare(found, uids);
      if (round % 10 === 9) await checkStore(folder);
      const options = { laboratory, person: 'crash', ledger, chance: luck, round };
      const enough = ledger.acknowledged + 6 + luck.below(25);
      const busy = Promise.allSettled([
        ...[1, 2, 3].map((number) => busyReader(options, number)),
        ...[0, 1].map((number) => busyRelay(options, number, waiting[number]!)),
      ]);
      // So much is done, however busy the machine is; and then at any moment.
      while (ledger.acknowledged < enough) {
        const ended = await Promise.race([busy, sleep(5)]);
        assert.equal(ended, undefined, 'the clients ended before the service');
      }
      await sleep(luck.below(100));
      await laboratory.service.stop('SIGKILL');
      for (const outcome of await busy) {
        assert.equal(outcome.status, 'rejected');
        const text = String((outcome as PromiseRejectedResult).reason);
        const why = `${text}\n${laboratory.service.errors().slice(-4_000)}`;
        assert.match(text, diedUnder, why);
      }
    }
    laboratory = await openLaboratory([], { folder, environment: environment(round) });
    const { found, uids } = await inventory(laboratory, 'crash');
    ledger.compare(found, uids);
    const checked = await laboratory.command('check', '--deep');
    assert.equal(checked.code, 0, checked.output + checked.errors);
    await laboratory.stop();
    await checkStore(folder);
    t.diagnostic(`${rounds} rounds: ${ledger.acknowledged} acknowledged, ${ledger.unanswered} unanswered at a kill`);
  } catch (error) {
    throw new Error(`in round ${round}, ${ledger.acknowledged} acknowledged before`, { cause: error });
  } finally {
    await laboratory?.service.stop('SIGKILL').catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every invariant of the store, beside the running service or without one. */
async function checkStore(folder: string): Promise<void> {
  const { out, err } = await runCommand(['check', '--json'], { folder });
  const report = JSON.parse(out || '{}') as { readonly findings?: readonly unknown[]; readonly messages?: number };
  assert.deepEqual(report.findings, [], err);
  assert.ok((report.messages ?? 0) > 0);
}
