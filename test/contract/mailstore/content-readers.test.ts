/** Contents read through the driver and out of the embedded store's files are the same (store design section 6). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type CommittedReader,
  type EmbeddedServer,
  openCommittedReader,
  startEmbeddedServer,
} from '@vaguemestre/embedded';
import { type Collections, mailCollections } from '@vaguemestre/server/database/collections';
import { committedContents } from '@vaguemestre/server/database/committed-documents';
import { type Connection, connect } from '@vaguemestre/server/database/connection';
import { type Contents, contents, pieceBytes } from '@vaguemestre/server/database/contents';

describe('content readers', () => {
  let folder: string;
  let server: EmbeddedServer;
  let connection: Connection;
  let collections: Collections;
  let reader: CommittedReader;
  let throughDriver: Contents;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vm-contents-'));
    server = await startEmbeddedServer({ dataDir: join(folder, 'store'), socketPath: join(folder, 's.sock') });
    connection = await connect({ uri: server.uri, database: 'mail' });
    collections = mailCollections(connection.db);
    reader = await openCommittedReader(join(folder, 'store'), join(folder, 's.sock'));
    throughDriver = contents(collections);
  });
  after(async () => {
    await reader.close();
    await connection.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function put(id: string, size: number): Promise<Buffer> {
    const octets = randomBytes(size);
    const pieces = Math.max(0, Math.ceil(size / pieceBytes) - 1);
    for (let number = 1; number <= pieces; number++) {
      await throughDriver.writePiece(id, number, octets.subarray(number * pieceBytes, (number + 1) * pieceBytes));
    }
    const b = octets.subarray(0, pieceBytes);
    await collections.contents.insertOne({ _id: id, a: id.slice(0, id.indexOf('/')), size, b, pieces } as never);
    return octets;
  }

  it('agree on heads and pieces, on what is missing, and in any order', async () => {
    const committed = committedContents(reader, connection.db.databaseName);
    assert.equal((await committed.heads(['a/none'])).size, 0, 'before the collection exists');
    const small = await put('aaaa/1', 10);
    const empty = await put('aaaa/2', 0);
    const large = await put('~0123/3', 2 * pieceBytes + 5);
    const ids = ['~0123/3', 'aaaa/none', 'aaaa/2', 'aaaa/1'];
    const one = await throughDriver.heads(ids);
    const other = await committed.heads(ids);
    assert.deepEqual([...other.keys()].sort(), [...one.keys()].sort());
    for (const [id, head] of one) {
      const twin = other.get(id);
      assert.ok(twin && twin.size === head.size && twin.pieces === head.pieces && twin.first.equals(head.first), id);
    }
    assert.ok(other.get('aaaa/1')?.first.equals(small));
    assert.ok(other.get('aaaa/2')?.first.equals(empty));
    const pieces = await Promise.all([1, 2, 3].map((number) => committed.piece('~0123/3', number)));
    assert.equal(pieces[2], undefined);
    const first = other.get('~0123/3')?.first ?? Buffer.alloc(0);
    assert.ok(Buffer.concat([first, pieces[0] ?? first, pieces[1] ?? first]).equals(large));
  });

  it('see what was acknowledged a moment ago, every time', async () => {
    const committed = committedContents(reader, connection.db.databaseName);
    for (let i = 0; i < 50; i++) {
      const octets = await put(`bbbb/${i}`, 100 + i);
      const head = (await committed.heads([`bbbb/${i}`])).get(`bbbb/${i}`);
      assert.ok(head?.first.equals(octets), `content ${i}`);
    }
  });

  it('follow the store when it grows past what was mapped', async () => {
    const committed = committedContents(reader, connection.db.databaseName);
    for (let i = 0; i < 40; i++) {
      const octets = await put(`cccc/${i}`, pieceBytes);
      const head = (await committed.heads([`cccc/${i}`])).get(`cccc/${i}`);
      assert.ok(head?.first.equals(octets), `content ${i}`);
    }
  });
});
