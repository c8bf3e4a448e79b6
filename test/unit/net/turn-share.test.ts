import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { wakeInTurn } from '@vaguemestre/server/net/turn-share';

const large = 64 * 1024;

describe('the share of one turn', () => {
  /** Sleepers that write down who was woken. */
  const roll = () => {
    const woken: string[] = [];
    return { woken, sleeper: (name: string) => ({ wake: () => void woken.push(name) }) };
  };

  it('is for all together: who comes when it is used up is woken in a later turn, in order', async () => {
    await nextTurn();
    const { woken, sleeper } = roll();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const now = names.map((name) => wakeInTurn(sleeper(name), large));
    assert.deepEqual(now, [true, true, false, false, false, false]);
    assert.deepEqual(woken, ['a', 'b']);
    for (let turns = 0; woken.length < names.length && turns < 10; turns++) {
      const before = woken.length;
      await nextTurn();
      assert.ok(woken.length - before <= 2, 'two shares in one turn');
    }
    assert.deepEqual(woken, names);
  });

  it('never puts off what is small, also while others wait', async () => {
    await nextTurn();
    const { woken, sleeper } = roll();
    for (const name of ['a', 'b', 'c']) wakeInTurn(sleeper(name), large);
    assert.equal(wakeInTurn(sleeper('small'), 100), true);
    assert.deepEqual(woken, ['a', 'b', 'small']);
    await nextTurn();
    await nextTurn();
    assert.deepEqual(woken, ['a', 'b', 'small', 'c']);
  });

  it('lets one through that is larger than it', async () => {
    await nextTurn();
    const { woken, sleeper } = roll();
    assert.equal(wakeInTurn(sleeper('a'), 10 * large), true);
    assert.equal(wakeInTurn(sleeper('b'), 10 * large), false);
    assert.equal(wakeInTurn(sleeper('c'), 10 * large), false);
    for (let turns = 0; woken.length < 3 && turns < 10; turns++) await nextTurn();
    assert.deepEqual(woken, ['a', 'b', 'c']);
  });
});
