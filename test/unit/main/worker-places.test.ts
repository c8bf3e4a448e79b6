import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { createPlaceBook, createWorkerPlaces } from '@vaguemestre/server/main/worker-places';

const anne = 'anne000000000000' as AccountId;

/** A main process with workers; messages arrive at once. */
function service(now = { ms: 0 }) {
  const book = createPlaceBook(3, () => now.ms);
  const worker = () => {
    const page = book.page((answer) => places.answered(answer));
    const places = createWorkerPlaces((request) => queueMicrotask(() => page.take(request)));
    return { places, die: () => page.close() };
  };
  return { now, worker };
}

const code = (wanted: string) => (error: unknown) => error instanceof MailError && error.code === wanted;

describe('places over all workers', () => {
  test('connections are counted together, and given back by a worker that dies', async () => {
    const { worker } = service();
    const [one, two] = [worker(), worker()];
    for (const each of [one, one, two]) assert.ok(await each.places.of('imap').take(anne));
    assert.equal(await two.places.of('imap').take(anne), undefined);
    assert.ok(await two.places.of('pop3').take(anne));
    one.die();
    for (let i = 0; i < 2; i++) assert.ok(await two.places.of('imap').take(anne));
    assert.equal(await two.places.of('imap').take(anne), undefined);
  });

  test('a maildrop has one place, which a dead worker gives back', async () => {
    const { worker } = service();
    const [one, two] = [worker(), worker()];
    await one.places.maildrops(0).take(anne);
    await assert.rejects(two.places.maildrops(0).take(anne), code('inUse'));
    one.die();
    const release = await two.places.maildrops(0).take(anne);
    release();
    release();
    await new Promise(setImmediate);
    await two.places.maildrops(0).take(anne);
    await assert.rejects(two.places.maildrops(0).take(anne), code('inUse'));
  });

  test('a rest between two sessions counts from the login, whoever serves it (RFC 2449 6.5)', async () => {
    const { now, worker } = service();
    const [one, two] = [worker(), worker()];
    const release = await one.places.maildrops(10_000).take(anne);
    release();
    await new Promise(setImmediate);
    now.ms += 4_000;
    await assert.rejects(two.places.maildrops(10_000).take(anne), (error: unknown) => {
      assert.ok(error instanceof MailError);
      assert.equal(error.details?.['loginDelay'], true);
      assert.match(error.public, /in 6 seconds/);
      return true;
    });
    now.ms += 6_000;
    await two.places.maildrops(10_000).take(anne);
  });
});
