import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DueSubmission } from '@vaguemestre/server/database/submissions';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { sendDue, startDispatcher } from '@vaguemestre/server/outbox/dispatcher';
import { movingClock } from '../../harness/moving-clock.js';

const { signal } = new AbortController();

/** Work that is done when it is dispatched. */
function work(clock: { nowMs(): number }, ...inMs: number[]) {
  let waiting = inMs.map((ms, i): DueSubmission => {
    return { _id: `a/${i}`, a: 'a', fence: 0, due: new Date(clock.nowMs() + ms) };
  });
  const done: string[] = [];
  return {
    done,
    looks: 0,
    add(due: DueSubmission) {
      waiting = [...waiting, due].sort((x, y) => x.due.getTime() - y.due.getTime());
    },
    async next(limit: number) {
      this.looks++;
      return waiting.slice(0, limit);
    },
    async dispatch(due: DueSubmission) {
      waiting = waiting.filter((one) => one !== due);
      done.push(due._id);
    },
  };
}

describe('the dispatcher', () => {
  it('sends all that is due, and says when the next will be', async () => {
    const clock = movingClock();
    const jobs = work(clock, -3, -2, -1, 0, 0, 0, 800);
    const dispatch = (due: DueSubmission) => jobs.dispatch(due);
    const waitMs = await sendDue({ submissions: jobs, dispatch, clock }, signal);
    assert.equal(jobs.done.length, 6);
    assert.equal(waitMs, 800);
    clock.move(800);
    assert.equal(await sendDue({ submissions: jobs, dispatch, clock }, signal), 5_000);
    assert.equal(jobs.done.length, 7);
  });

  it('does not try again at once what could not be taken', async () => {
    const clock = movingClock();
    const jobs = work(clock, 0, 0);
    const dispatch = () => Promise.reject(new MailError('unavailable', 'away'));
    await assert.rejects(sendDue({ submissions: jobs, dispatch, clock }, signal), { code: 'unavailable' });
    assert.equal(jobs.looks, 1);
  });

  it('looks when it is woken, when something is due, and not after its end', async () => {
    const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
    const jobs = work(clock);
    const lifetime = new Lifetime(silentLog);
    const dispatcher = startDispatcher({
      submissions: jobs,
      dispatch: (due) => jobs.dispatch(due),
      clock,
      lifetime,
      log: silentLog,
    });
    const until = async (holds: () => boolean) => {
      for (const start = performance.now(); !holds(); await sleep(5)) assert.ok(performance.now() - start < 4_000);
    };
    await until(() => jobs.looks === 1);
    jobs.add({ _id: 'now', a: 'a', fence: 0, due: new Date() });
    jobs.add({ _id: 'soon', a: 'a', fence: 0, due: new Date(Date.now() + 100) });
    dispatcher.wake();
    // Sooner than it would have looked by itself.
    await until(() => jobs.done.length === 2);
    assert.deepEqual(jobs.done, ['now', 'soon']);
    await lifetime.close();
    const { looks } = jobs;
    dispatcher.wake();
    await sleep(20);
    assert.equal(jobs.looks, looks);
  });
});
