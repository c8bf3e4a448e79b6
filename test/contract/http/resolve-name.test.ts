import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fetchPicture } from '@vaguemestre/server/http/media/fetch-picture';
import { nameResolver, type ResolveName } from '@vaguemestre/server/http/outside/resolve-name';
import { isPublicAddress } from '@vaguemestre/server/net/public-address';
import { type NameServer, startNameServer } from '../../harness/name-server.js';

describe('names of picture servers', () => {
  let server: NameServer;
  let resolve: ResolveName;
  before(async () => {
    server = await startNameServer();
    resolve = nameResolver([server.address]);
    server.names.set('pictures.example', ['198.51.100.1', '198.51.100.2']);
    server.names.set('empty.example', []);
    server.names.set('silent.example', undefined);
    // Names that carry the address they lead to, as public services for that offer.
    server.names.set('127.0.0.1.rebind.example', ['127.0.0.1']);
    server.names.set('metadata.rebind.example', ['169.254.169.254']);
    server.names.set('half.rebind.example', ['1.1.1.1', '10.0.0.7']);
  });
  after(() => server.close());

  it('have all their addresses, or none', async () => {
    assert.deepEqual([...(await resolve('pictures.example'))].sort(), ['198.51.100.1', '198.51.100.2']);
    assert.deepEqual(await resolve('empty.example'), []);
    assert.deepEqual(await resolve('unknown.example'), []);
  });

  it('are given up when their server says nothing', async () => {
    const started = performance.now();
    await assert.rejects(resolve('silent.example'));
    assert.ok(performance.now() - started < 12_000);
  });

  it('that lead inside lead nowhere, and are asked for once', async () => {
    for (const name of ['127.0.0.1.rebind.example', 'metadata.rebind.example', 'half.rebind.example']) {
      server.asked.length = 0;
      const rules = { allowed: isPublicAddress, resolve };
      await assert.rejects(fetchPicture(`http://${name}/a.png`, rules, new AbortController().signal), {
        code: 'cannot',
      });
      assert.deepEqual(server.asked, [name, name], 'one question for each kind of address');
    }
  });
});
