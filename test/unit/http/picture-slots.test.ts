import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createPictureSlots } from '@vaguemestre/server/http/media/picture-slots';
import { MailError } from '@vaguemestre/server/kernel/errors';

/** Work that ends when the test says so. */
function pending() {
  const ends: (() => void)[] = [];
  let running = 0;
  const work = async (): Promise<void> => {
    running++;
    await new Promise<void>((end) => ends.push(end));
    running--;
  };
  return { work, end: () => ends.shift()?.(), running: () => running };
}

describe('slots for pictures', () => {
  it('leave room for others, whatever one person asks for', async () => {
    const slots = createPictureSlots({ running: 4, runningPerAccount: 2, waitingPerAccount: 10 });
    const [anne, bob] = [pending(), pending()];
    const all = Array.from({ length: 6 }, () => slots.run('anne', anne.work));
    all.push(slots.run('bob', bob.work));
    await turn();
    assert.deepEqual([anne.running(), bob.running()], [2, 1]);
    bob.end();
    for (let left = 6; left > 0; left--) {
      await turn();
      assert.equal(anne.running(), Math.min(2, left));
      anne.end();
    }
    await Promise.all(all);
  });

  it('refuse who waits with too many, and go on after a failure', async () => {
    const slots = createPictureSlots({ running: 1, runningPerAccount: 1, waitingPerAccount: 1 });
    const anne = pending();
    const first = slots.run('anne', anne.work);
    const failing = slots.run('anne', () => Promise.reject(new Error('gone')));
    await assert.rejects(
      slots.run('anne', anne.work),
      (error) => error instanceof MailError && error.code === 'throttled',
    );
    const bob = slots.run('bob', async () => 'done');
    anne.end();
    await first;
    await assert.rejects(failing, /gone/);
    assert.equal(await bob, 'done');
  });
});
