/** The request that a push subscription gets (RFC 8620 7.2, RFC 8030), against a push service on this machine that speaks TLS. */
import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { postPush } from '@vaguemestre/server/http/jmap/push/post-push';
import type { OutsideRules } from '@vaguemestre/server/http/outside/ask-outside';
import { temporaryTls } from '../../harness/temporary-tls.js';

const outside = '127.0.0.1';
const url = 'https://localhost/push/device?x=1';
const message = { '@type': 'StateChange', changed: { é: { Email: '5' } } };

describe('a push message', () => {
  let tls: Awaited<ReturnType<typeof temporaryTls>>;
  let service: Server;
  let rules: OutsideRules;
  let asked: { path: string; headers: IncomingHttpHeaders; body: Buffer }[];
  let answer: { status: number; headers: Record<string, string> };

  before(async () => {
    tls = await temporaryTls();
    const files = { cert: readFileSync(tls.files.certFile), key: readFileSync(tls.files.keyFile) };
    service = createServer(files, async (request, response) => {
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk as Buffer);
      asked.push({ path: `${request.method} ${request.url}`, headers: request.headers, body: Buffer.concat(body) });
      response.writeHead(answer.status, answer.headers).end('x'.repeat(100_000));
    });
    await new Promise<void>((resolve) => service.listen(0, outside, resolve));
    rules = {
      allowed: (address) => address === outside,
      resolve: async () => [outside],
      port: (service.address() as AddressInfo).port,
      timeoutMs: 1_000,
      authorities: files.cert.toString(),
    };
  });
  after(async () => {
    service.closeAllConnections();
    service.close();
    await tls.remove();
  });
  beforeEach(() => {
    asked = [];
    answer = { status: 201, headers: {} };
  });

  const post = (more: { readonly to?: string; readonly with?: Partial<OutsideRules> } = {}) =>
    postPush({ ...rules, ...more.with })(
      { url: more.to ?? url, keys: null },
      message,
      true,
      AbortSignal.timeout(5_000),
    );

  it('is JSON by POST, with the time it is kept and how much it matters', async () => {
    assert.deepEqual(await post(), { kind: 'taken' });
    const [{ path, headers, body }] = asked as [(typeof asked)[number]];
    assert.equal(path, 'POST /push/device?x=1');
    assert.deepEqual(JSON.parse(body.toString()), message);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['ttl'], '86400');
    assert.equal(headers['urgency'], 'high');
    assert.deepEqual(Object.keys(headers).sort(), [
      'connection',
      'content-length',
      'content-type',
      'host',
      'ttl',
      'urgency',
    ]);
  });

  it('is sealed when its client gave keys', async () => {
    const device = createECDH('prime256v1');
    device.generateKeys();
    const keys = { p256dh: device.getPublicKey('base64url'), auth: Buffer.alloc(16, 1).toString('base64url') };
    const posted = await postPush(rules)({ url, keys }, message, false, AbortSignal.timeout(5_000));
    assert.deepEqual(posted, { kind: 'taken' });
    const [{ headers, body }] = asked as [(typeof asked)[number]];
    assert.equal(headers['content-encoding'], 'aes128gcm');
    assert.equal(headers['urgency'], 'normal');
    assert.equal(body.includes('StateChange'), false);
    assert.equal(body.length, 86 + Buffer.byteLength(JSON.stringify(message)) + 1 + 16);
  });

  it('is taken, of no use any more, or for later, by what is answered', async () => {
    const table: readonly [number, Record<string, string>, object][] = [
      [200, {}, { kind: 'taken' }],
      [204, {}, { kind: 'taken' }],
      [404, {}, { kind: 'gone' }],
      [410, {}, { kind: 'gone' }],
      [301, { location: 'https://localhost/elsewhere' }, { kind: 'later' }],
      [403, {}, { kind: 'later' }],
      [500, {}, { kind: 'later' }],
      [503, { 'retry-after': '120' }, { kind: 'later', afterMs: 120_000 }],
      [503, { 'retry-after': '999999999' }, { kind: 'later', afterMs: 3600_000 }],
      [503, { 'retry-after': 'Tue, 24 Nov 2026 08:00:00 GMT' }, { kind: 'later' }],
      [429, {}, { kind: 'later', tooOften: true }],
    ];
    for (const [status, headers, expected] of table) {
      answer = { status, headers };
      assert.deepEqual(await post(), expected, `${status} ${JSON.stringify(headers)}`);
    }
    assert.equal(asked.length, table.length, 'and no redirect is followed');
  });

  it('goes to no inner address, and nowhere without TLS that is right', async () => {
    assert.deepEqual(await post({ with: { allowed: () => false } }), { kind: 'later' });
    assert.deepEqual(await post({ with: { resolve: async () => [outside, '10.0.0.1'] } }), { kind: 'later' });
    assert.deepEqual(await post({ with: { resolve: async () => [] } }), { kind: 'later' });
    assert.deepEqual(await post({ to: 'https://127.0.0.2/' }), { kind: 'later' });
    assert.deepEqual(await post({ to: 'http://localhost/' }), { kind: 'gone' });
    const { authorities: _own, ...others } = rules;
    const posted = await postPush(others)({ url, keys: null }, message, true, AbortSignal.timeout(5_000));
    assert.deepEqual(posted, { kind: 'later' });
    assert.equal(asked.length, 0);
  });
});
