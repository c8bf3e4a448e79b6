import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asMailError, isDuplicateKey, reading, repeating } from '@vaguemestre/server/database/failure';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { MongoNetworkError, MongoServerError } from 'mongodb';

const unavailable = (error: unknown): boolean => error instanceof MailError && error.code === 'unavailable';

/** As node:net raises it, and as the driver lets it through when the server is gone while it writes. */
const brokenPipe = (): Error =>
  Object.assign(new Error('write EPIPE'), { errno: -32, code: 'EPIPE', syscall: 'write' });

describe('what a failure of the driver means', () => {
  test('the family of the driver, and the bare error of its socket, are "try again later"', async () => {
    for (const error of [
      new MongoNetworkError('gone'),
      new MongoServerError({ message: 'no', code: 1 }),
      brokenPipe(),
    ]) {
      assert.ok(unavailable(asMailError(error)), error.message);
      await assert.rejects(
        reading(() => Promise.reject(error)),
        unavailable,
      );
    }
  });

  test('a fault of ours stays what it is, and so does a missing file', () => {
    const fault = new TypeError('x is not a function');
    const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'open' });
    assert.equal(asMailError(fault), fault);
    assert.equal(asMailError(missing), missing);
  });

  test('what passes is tried again, what does not is not', async () => {
    let tries = 0;
    const result = await repeating(async () => {
      tries++;
      if (tries < 3) throw tries === 1 ? brokenPipe() : new MongoNetworkError('gone');
      return tries;
    });
    assert.equal(result, 3);
    tries = 0;
    const duplicate = new MongoServerError({ message: 'E11000', code: 11000 });
    await assert.rejects(
      repeating(async () => {
        tries++;
        throw duplicate;
      }),
    );
    assert.equal(tries, 1);
    assert.ok(isDuplicateKey(duplicate));
  });
});
