/** Leaving a list by one request of the service (RFC 8058), against a list on this machine that speaks TLS. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { unsubscribeWays } from '@vaguemestre/shared/list-unsubscribe';
import { type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { appendOctets, inboxOf, letter } from '../../harness/store-messages.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

const outside = '127.0.0.1';
const oneClick = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click';

describe('leaving a list', () => {
  let tls: Awaited<ReturnType<typeof temporaryTls>>;
  let list: Server;
  let service: JmapService;
  let anne: JmapPerson;
  let status = 200;
  let asked: { path: string; method: string; headers: object; body: string }[] = [];
  let names: Record<string, readonly string[]> = {};

  before(async () => {
    tls = await temporaryTls();
    const files = { cert: readFileSync(tls.files.certFile), key: readFileSync(tls.files.keyFile) };
    list = createServer(files, async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      asked.push({ path: request.url ?? '', method: request.method ?? '', headers: request.headers, body });
      response.writeHead(status, { location: 'https://localhost/elsewhere' }).end('x'.repeat(100_000));
    });
    await new Promise<void>((resolve) => list.listen(0, outside, resolve));
    service = await startJmapService({
      outside: {
        allowed: (address) => address === outside,
        resolve: async (name) => names[name] ?? [outside],
        port: (list.address() as AddressInfo).port,
        timeoutMs: 1_000,
        authorities: files.cert.toString(),
      },
    });
    anne = await service.person();
  });
  after(async () => {
    await service.close();
    list.closeAllConnections();
    list.close();
    await tls.remove();
  });
  beforeEach(() => {
    asked = [];
    status = 200;
    names = {};
  });

  let letters = 0;
  async function stored(...fields: readonly string[]): Promise<string> {
    const subject = `Lettre ${++letters}.`;
    await appendOctets(anne.account, inboxOf(anne.account), letter(subject, 'Bonjour\r\n', fields), []);
    const { ids } = await anne.call('Email/query', { filter: { header: ['Subject', subject] } });
    assert.ok(ids.length > 0);
    return ids[0];
  }

  const leave = (emailId: string, person = anne): Promise<Response> =>
    person.fetch('/api/unsubscribe', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ emailId }),
    });

  it('posts the one field to the address of the message, and nothing about who asks', async () => {
    const id = await stored('List-Unsubscribe: <mailto:off@x.example>, <https://localhost/off?u=1>', oneClick);
    assert.equal((await leave(id)).status, 204);
    const [request] = asked;
    assert.equal(asked.length, 1);
    assert.equal(request?.method, 'POST');
    assert.equal(request?.path, '/off?u=1');
    assert.equal(request?.body, 'List-Unsubscribe=One-Click');
    assert.deepEqual(Object.keys(request?.headers ?? {}).sort(), [
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ]);
  });

  it('follows no redirect, and takes no other answer for a yes', async () => {
    const id = await stored('List-Unsubscribe: <https://localhost/off>', oneClick);
    for (status of [302, 307, 404, 500]) assert.equal((await leave(id)).status, 422, String(status));
    assert.equal(asked.length, 4);
  });

  it('asks only for what offers it, over TLS, of nobody inside', async () => {
    for (const fields of [
      ['List-Unsubscribe: <https://localhost/off>'],
      ['List-Unsubscribe: <http://localhost/off>', oneClick],
      ['List-Unsubscribe: <mailto:off@x.example>', oneClick],
      ['List-Unsubscribe: <https://localhost:8443/off>', oneClick],
      ['List-Unsubscribe: <https://u:p@localhost/off>', oneClick],
      ['List-Unsubscribe: <https://[::1]/off>', oneClick],
      [oneClick],
    ]) {
      assert.equal((await leave(await stored(...fields))).status, 422, fields.join());
    }
    names = { localhost: ['10.0.0.1'] };
    assert.equal((await leave(await stored('List-Unsubscribe: <https://localhost/off>', oneClick))).status, 422);
    assert.deepEqual(asked, []);
  });

  it("knows no message that is not the reader's own", async () => {
    const id = await stored('List-Unsubscribe: <https://localhost/off>', oneClick);
    const bruno = await service.person();
    assert.equal((await leave(id, bruno)).status, 404);
    assert.equal((await leave('nothing')).status, 404);
    assert.deepEqual(asked, []);
  });
});

describe('the ways to leave a list', () => {
  it('are told apart (RFC 2369, RFC 8058)', () => {
    const urls = ['mailto:off@x.example?subject=off', 'http://x.example/1', 'https://x.example/2'];
    assert.deepEqual(unsubscribeWays(urls, ' list-unsubscribe=ONE-CLICK '), {
      oneClick: 'https://x.example/2',
      mail: 'mailto:off@x.example?subject=off',
      page: 'https://x.example/2',
    });
    const none = { oneClick: undefined, mail: undefined, page: undefined };
    assert.deepEqual(unsubscribeWays(null, 'List-Unsubscribe=One-Click'), none);
    assert.deepEqual(
      unsubscribeWays(['javascript:X()', 'ftp://x.example/', 'https://', `https://x/${'a'.repeat(4_000)}`], null),
      none,
    );
    assert.equal(unsubscribeWays(['https://x.example/'], 'List-Unsubscribe=One-Click, x').oneClick, undefined);
  });
});
