import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressFromBytes, compressJson } from '@vaguemestre/server/http/compress-json';
import { type FastifyInstance, fastify } from 'fastify';

const large = { list: Array.from({ length: 500 }, (_, i) => ({ id: i, subject: `Réunion ${i}` })) };

describe('compression of JSON answers', () => {
  let app: FastifyInstance;
  before(() => {
    app = fastify();
    compressJson(app);
    app.get('/list', { config: { compress: true } }, async () => large);
    app.get('/small', { config: { compress: true } }, async () => ({ a: 'x'.repeat(compressFromBytes - 100) }));
    app.get('/key', async () => large);
  });
  after(() => app.close());

  const ask = (url: string, coding: string) => app.inject({ url, headers: { 'accept-encoding': coding } });

  it('is what the client takes, and says so', async () => {
    const codings = [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['BR', 'br'],
      ['identity', undefined],
      ['br;q=0', undefined],
      ['', undefined],
    ] as const;
    for (const [accepted, coding] of codings) {
      const reply = await ask('/list', accepted);
      assert.equal(reply.headers['content-encoding'], coding, accepted);
      assert.equal(reply.headers['vary'], 'accept-encoding');
      const octets = reply.rawPayload;
      const plain = coding === 'br' ? brotliDecompressSync(octets) : coding === 'gzip' ? gunzipSync(octets) : octets;
      assert.deepEqual(JSON.parse(plain.toString('utf8')), large);
      assert.equal(Number(reply.headers['content-length']), octets.length);
    }
  });

  it('is for what is large, and never for a route that did not ask for it', async () => {
    assert.equal((await ask('/small', 'br')).headers['content-encoding'], undefined);
    const key = await ask('/key', 'br');
    assert.equal(key.headers['content-encoding'], undefined);
    assert.equal(key.headers['vary'], undefined);
  });

  it('does not tell the length twice the same', async () => {
    const lengths = new Set<number>();
    for (let i = 0; i < 30; i++) {
      const reply = await ask('/list', 'br');
      lengths.add(reply.rawPayload.length + String(reply.headers['x-padding']).length);
    }
    assert.ok(lengths.size > 5, `${lengths.size}`);
  });
});
