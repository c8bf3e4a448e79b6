import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Attempt, createThrottle, forgetMs, type Throttle } from '@vaguemestre/server/auth/throttle';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { movingClock } from '../../harness/moving-clock.js';
import { memoryPeople } from '../../harness/people-memory.js';

const from = (network: string, subject = 'anne', local = false): Attempt => ({ subject, network, local });

async function tryOnce(throttle: Throttle, attempt: Attempt, outcome: 'right' | 'wrong'): Promise<number> {
  try {
    throttle.check(attempt);
    const admission = await throttle.begin(attempt);
    await admission.end(outcome);
    return 0;
  } catch (error) {
    assert.ok(error instanceof MailError && error.code === 'throttled');
    assert.match(error.public, /try again in \d+ seconds?\.$/);
    return Number(error.details?.['waitMs']);
  }
}

function world() {
  const clock = movingClock();
  const people = memoryPeople();
  const process = (): Throttle => createThrottle(people.history, clock);
  return { clock, people, process, throttle: process() };
}

describe('throttle', () => {
  test('five typing errors are free, then the wait doubles up to a minute', async () => {
    const { clock, throttle } = world();
    for (let i = 0; i < 5; i++) assert.equal(await tryOnce(throttle, from('n1'), 'wrong'), 0);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const wait = await tryOnce(throttle, from('n1'), 'wrong');
      waits.push(wait);
      clock.move(wait - 1);
      assert.equal(await tryOnce(throttle, from('n1'), 'wrong'), 1);
      clock.move(1);
      assert.equal(await tryOnce(throttle, from('n1'), 'wrong'), 0);
    }
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('all is forgotten a quarter of an hour after the last failure', async () => {
    const { clock, throttle, process } = world();
    for (let i = 0; i < 5; i++) await tryOnce(throttle, from('n1'), 'wrong');
    assert.notEqual(await tryOnce(throttle, from('n1'), 'wrong'), 0);
    clock.move(forgetMs);
    for (const one of [throttle, process()]) assert.equal(await tryOnce(one, from('n1'), 'wrong'), 0);
  });

  test('a success clears the pair, and a failure in another network is not its business', async () => {
    const { throttle } = world();
    for (let i = 0; i < 4; i++) await tryOnce(throttle, from('n1'), 'wrong');
    assert.equal(await tryOnce(throttle, from('n1'), 'right'), 0);
    for (let i = 0; i < 5; i++) assert.equal(await tryOnce(throttle, from('n1'), 'wrong'), 0);
    assert.equal(await tryOnce(throttle, from('n2'), 'wrong'), 0);
  });

  test('a botnet slows strangers and not the owner where they usually are', async () => {
    const { clock, throttle } = world();
    await tryOnce(throttle, from('home'), 'right');
    for (let i = 0; i < 60; i++) {
      await tryOnce(throttle, from(`bot${i}`), 'wrong');
      clock.move(1000);
    }
    assert.notEqual(await tryOnce(throttle, from('hotel'), 'right'), 0);
    assert.equal(await tryOnce(throttle, from('home'), 'right'), 0);
  });

  test('a network that tries many people is slowed, its usual people are not, the machine itself is not', async () => {
    const { throttle } = world();
    await tryOnce(throttle, from('campus', 'anne'), 'right');
    for (let i = 0; i < 20; i++) assert.equal(await tryOnce(throttle, from('campus', `guess${i}`), 'wrong'), 0);
    assert.notEqual(await tryOnce(throttle, from('campus', 'bob'), 'right'), 0);
    assert.equal(await tryOnce(throttle, from('campus', 'anne'), 'right'), 0);
    for (let i = 0; i < 40; i++) assert.equal(await tryOnce(throttle, from('::1', `guess${i}`, true), 'wrong'), 0);
    assert.equal(await tryOnce(throttle, from('::1', 'bob', true), 'right'), 0);
  });

  test('another process knows, before the first password is verified', async () => {
    const { throttle, process } = world();
    for (let i = 0; i < 5; i++) await tryOnce(throttle, from('n1'), 'wrong');
    assert.equal(await tryOnce(process(), from('n1'), 'wrong'), 1000);
    await tryOnce(throttle, from('home', 'bob'), 'right');
    const elsewhere = process();
    for (let i = 0; i < 25; i++) await tryOnce(elsewhere, from(`bot${i}`, 'bob'), 'wrong');
    assert.notEqual(await tryOnce(elsewhere, from('hotel', 'bob'), 'right'), 0);
    assert.equal(await tryOnce(elsewhere, from('home', 'bob'), 'right'), 0);
  });

  test('a thousand guesses at once are not judged before the first has failed', async () => {
    const { throttle } = world();
    const attempts = await Promise.allSettled(Array.from({ length: 1000 }, () => throttle.begin(from('n1'))));
    assert.equal(attempts.filter((one) => one.status === 'fulfilled').length, 5);
    for (const one of attempts) if (one.status === 'fulfilled') await one.value.end('abandoned');
    const again = await throttle.begin(from('n1'));
    await again.end('right');
  });

  test('pruning removes what is forgotten and keeps who is known', async () => {
    const { clock, people, throttle, process } = world();
    await tryOnce(throttle, from('home'), 'right');
    await tryOnce(throttle, from('n1'), 'wrong');
    clock.move(forgetMs + 1);
    await throttle.prune();
    assert.equal((await people.history.read(['net|n1'])).length, 0);
    const admission = await process().begin(from('home'));
    assert.equal(admission.known, true);
    await admission.end('abandoned');
  });

  test('a login that changes nothing writes nothing', async () => {
    const { people, throttle } = world();
    await tryOnce(throttle, from('home'), 'right');
    const before = people.trips;
    throttle.check(from('home'));
    assert.equal(people.trips, before);
    await tryOnce(throttle, from('home'), 'right');
    assert.equal(people.trips, before + 1);
  });
});
