import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CommitRequest, commitGroups } from '@vaguemestre/server/database/commit-groups';
import type { Insert, InsertOutcome } from '@vaguemestre/server/database/inserts';

/** A store that takes numbers once, stops an ordered command at the first number that is gone, and counts commands. */
function fakeStore() {
  const taken = new Set<string>();
  const commands: string[][] = [];
  let fault: Error | undefined;
  return {
    taken,
    commands,
    failNext(error: Error) {
      fault = error;
    },
    async write(list: readonly Insert[]): Promise<InsertOutcome> {
      await new Promise((resolve) => setImmediate(resolve));
      const ids = list.map((insert) => String(insert.document['_id']));
      commands.push(ids);
      if (fault) {
        const error = fault;
        fault = undefined;
        return { kind: 'unknown', error };
      }
      for (const [i, id] of ids.entries()) {
        if (!taken.has(id)) {
          taken.add(id);
          continue;
        }
        return { kind: 'duplicates', indexes: [i] };
      }
      return { kind: 'inserted' };
    },
  };
}

const insert = (_id: string): Insert => ({ namespace: 'm.x', document: { _id } });
const request = (account: string, from: number, count = 1, bytes = 10): CommitRequest => ({
  supports: Array.from({ length: count }, (_, i) => insert(`${account}/m${from + i}`)),
  entries: Array.from({ length: count }, (_, i) => insert(`${account}/${from + i}`)),
  bytes,
});

describe('commits of several accounts', () => {
  it('share a command while one is under way', async () => {
    const store = fakeStore();
    const commit = commitGroups(store.write);
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((account) => commit(request(account, 1))));
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['committed', 'committed', 'committed', 'committed'],
    );
    assert.equal(store.commands.length, 2);
    assert.deepEqual(store.commands[1], ['b/m1', 'c/m1', 'd/m1', 'b/1', 'c/1', 'd/1']);
  });

  it('go on behind one that lost its number, without writing anything twice', async () => {
    const store = fakeStore();
    store.taken.add('b/2');
    const commit = commitGroups(store.write);
    const first = commit(request('z', 1));
    const others = await Promise.all([commit(request('a', 1)), commit(request('b', 1, 3)), commit(request('c', 1))]);
    await first;
    assert.deepEqual(others, [{ kind: 'committed' }, { kind: 'taken', index: 1 }, { kind: 'committed' }]);
    assert.ok(store.taken.has('b/1') && !store.taken.has('b/3'));
    assert.deepEqual(store.commands[2], ['c/1']);
  });

  it('are all unknown when the command failed otherwise, or something they name was there before', async () => {
    const store = fakeStore();
    const commit = commitGroups(store.write);
    const warm = commit(request('z', 1));
    const pair = [commit(request('a', 1)), commit(request('b', 1))];
    await warm;
    store.failNext(new Error('connection lost'));
    assert.deepEqual(
      (await Promise.all(pair)).map(({ kind }) => kind),
      ['unknown', 'unknown'],
    );
    store.taken.add('d/m1');
    const warmAgain = commit(request('y', 1));
    const next = await Promise.all([commit(request('c', 1)), commit(request('d', 1))]);
    await warmAgain;
    assert.deepEqual(
      next.map(({ kind }) => kind),
      ['unknown', 'unknown'],
    );
    assert.ok(!store.taken.has('c/1') && !store.taken.has('d/1'));
  });

  it('are bounded in number and octets', async () => {
    const store = fakeStore();
    const commit = commitGroups(store.write);
    await Promise.all(Array.from({ length: 5 }, (_, i) => commit(request(`a${i}`, 1, 1, 3_000_000))));
    assert.deepEqual(
      store.commands.map((ids) => ids.length),
      [2, 2, 2, 2, 2],
    );
    await Promise.all(Array.from({ length: 130 }, (_, i) => commit(request(`b${i}`, 1))));
    assert.deepEqual(
      store.commands.slice(5).map((ids) => ids.length / 2),
      [1, 64, 64, 1],
    );
  });
});
