import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { correspondents } from '@vaguemestre/server/database/correspondents';
import { preferences } from '@vaguemestre/server/database/preferences';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';

describe('a document that is rewritten whole', () => {
  let database: TestDatabase;
  before(async () => {
    database = await startTestDatabase();
  });
  after(() => database.close());

  it('goes from version to version, and of two that write one the second is told', async () => {
    const { connection } = await database.open();
    const liked = preferences(connection);
    await liked.ensureIndexes();
    assert.deepEqual(await liked.get('a'), { entries: [], v: 0 });
    const entries = (json: string) => [{ key: 'theme', json }];
    assert.equal(await liked.put('a', { entries: entries('1'), v: 1 }), true);
    assert.equal(await liked.put('a', { entries: entries('2'), v: 1 }), false);
    assert.equal(await liked.put('a', { entries: entries('3'), v: 2 }), true);
    assert.equal(await liked.put('a', { entries: entries('4'), v: 2 }), false);
    const { entries: kept, v } = await liked.get('a');
    assert.deepEqual([kept, v], [entries('3'), 2]);
    await liked.remove('a');
    assert.equal(await liked.put('a', { entries: entries('5'), v: 3 }), false);
    assert.deepEqual(await liked.get('a'), { entries: [], v: 0 });
  });

  it('is another in each collection', async () => {
    const { connection } = await database.open();
    const [liked, written] = [preferences(connection), correspondents(connection)];
    const list = [{ address: 'x@y.example', name: 'X', uses: 2, last: new Date(5) }];
    assert.equal(await written.put('b', list, 1), true);
    assert.deepEqual((await written.get('b')).list, list);
    assert.deepEqual(await liked.get('b'), { entries: [], v: 0 });
  });
});
