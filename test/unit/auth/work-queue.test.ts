import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createWorkQueue } from '@vaguemestre/server/auth/work-queue';
import { MailError } from '@vaguemestre/server/kernel/errors';

const limits = { running: 1, knownWaiting: 3, strangersWaiting: 4, strangersWaitingPerNetwork: 2 };
const known = { kind: 'known' } as const;
const stranger = (network: string) => ({ kind: 'stranger', network }) as const;

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('people who are known go first, and every fourth turn is a stranger', async () => {
  const queue = createWorkQueue({ ...limits, knownWaiting: 10 });
  const order: string[] = [];
  const { open, opened } = gate();
  const all = [queue.run(known, () => opened)];
  const work = (name: string) => async () => {
    order.push(name);
  };
  for (const name of ['s1', 's2']) all.push(queue.run(stranger('n'), work(name)));
  for (const name of ['k1', 'k2', 'k3', 'k4', 'k5', 'k6']) all.push(queue.run(known, work(name)));
  open();
  await Promise.all(all);
  assert.deepEqual(order, ['k1', 'k2', 's1', 'k3', 'k4', 'k5', 's2', 'k6']);
});

test('a full lane refuses at once, one network cannot fill it, and the other lane is not touched', async () => {
  const queue = createWorkQueue(limits);
  const { open, opened } = gate();
  const all = [queue.run(stranger('n1'), () => opened)];
  const refused = (error: unknown): boolean => error instanceof MailError && error.code === 'throttled';
  for (let i = 0; i < 2; i++) all.push(queue.run(stranger('n1'), async () => undefined));
  await assert.rejects(
    queue.run(stranger('n1'), async () => undefined),
    refused,
  );
  for (let i = 0; i < 2; i++) all.push(queue.run(stranger('n2'), async () => undefined));
  await assert.rejects(
    queue.run(stranger('n3'), async () => undefined),
    refused,
  );
  for (let i = 0; i < 3; i++) all.push(queue.run(known, async () => undefined));
  await assert.rejects(
    queue.run(known, async () => undefined),
    refused,
  );
  open();
  await Promise.all(all);
  assert.equal(queue.waiting, 0);
  await queue.run(stranger('n1'), async () => undefined);
});

test('work that fails frees its place', async () => {
  const queue = createWorkQueue(limits);
  for (let i = 0; i < 3; i++) {
    await assert.rejects(
      queue.run(known, async () => {
        await setImmediate();
        throw new Error('no');
      }),
      /no/,
    );
  }
  assert.equal(await queue.run(known, async () => 7), 7);
});
