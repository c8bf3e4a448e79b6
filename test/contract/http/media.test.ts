/**
 * The proxy for remote pictures, against a server on this machine that plays the outside: names lead where the test says,
 * and loopback is the one allowed network.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gif, jpeg, png, pngChunk } from '../../harness/pictures.js';
import type { WebClient } from '../../harness/web-client.js';
import { webPassword } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

const picture = png(3, 2, pngChunk('tEXt', Buffer.from('secret')));
const outside = '127.0.0.1';

let site: WebSite;
let server: Server;
let anne: WebClient;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: IncomingMessage[];
let names: Record<string, readonly string[]>;

before(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, outside, resolve));
  site = await openWebSite({
    media: {
      rules: {
        allowed: (address) => address === outside,
        resolve: async (name) => names[name] ?? [outside],
        port: (server.address() as AddressInfo).port,
        timeoutMs: 400,
      },
    },
  });
  await site.people.add('anne');
  await site.people.add('bob');
  anne = site.client();
  await anne.signIn('anne', webPassword, { own: true });
});
after(async () => {
  await site.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  names = {};
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(picture);
});

async function sign(urls: readonly string[], client = anne): Promise<Record<string, string>> {
  const reply = await client.post('/api/media/sign', { emailId: 'M1', urls });
  assert.equal(reply.status, 200, reply.text);
  return reply.json<{ urls: Record<string, string> }>().urls;
}

async function fetched(url: string, client = anne) {
  const path = (await sign([url], client))[url];
  assert.ok(path, url);
  return client.get(path, {
    'sec-fetch-dest': 'image',
    'sec-fetch-mode': 'no-cors',
    referer: `${client.origin}/frame`,
  });
}

describe('a remote picture', () => {
  it('comes rebuilt, as what it is, and as nothing else', async () => {
    const reply = await fetched('http://pictures.example/a.png?x=1#here');
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'image/png');
    assert.deepEqual(reply.bytes, png(3, 2));
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    assert.match(String(reply.headers['content-security-policy']), /^default-src 'none';.*sandbox/);
    assert.equal(reply.headers['cache-control'], 'private, max-age=3600');
    for (const octets of [gif(), jpeg(2, 2)]) {
      answer = (_request, response) => response.end(octets);
      assert.deepEqual((await fetched('http://pictures.example/b')).bytes, octets);
    }
  });

  it('is asked for without a word about who reads', async () => {
    await fetched('http://pictures.example/a.png?x=1#here');
    const [request] = asked;
    assert.equal(request?.url, '/a.png?x=1');
    assert.deepEqual(Object.keys(request.headers).sort(), [
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
    assert.equal(request.headers.host?.split(':')[0], 'pictures.example');
  });

  it('is not kept by a shared computer', async () => {
    const shared = site.client();
    await shared.signIn('anne', webPassword);
    assert.equal((await fetched('http://pictures.example/a', shared)).headers['cache-control'], 'no-store');
  });

  it('is refused when it is something else', async () => {
    const others = ['<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', '<html>', '', 'GIF89a=alert(1)'];
    for (const text of others) {
      answer = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(text);
      const reply = await fetched('http://pictures.example/a');
      assert.equal(reply.status, 422, text);
      assert.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8');
    }
  });

  it('is refused when it is too large, whatever was announced', async () => {
    const block = Buffer.alloc(1 << 20);
    answer = (_request, response) => response.writeHead(200, { 'content-length': String(9 << 20) }).end(block);
    assert.equal((await fetched('http://pictures.example/a')).status, 422);
    answer = (_request, response) => {
      for (let i = 0; i < 9; i++) response.write(block);
      response.end();
    };
    assert.equal((await fetched('http://pictures.example/a')).status, 422);
  });

  it('is given up after its time, drop by drop or not at all', async () => {
    const slow: readonly ((response: ServerResponse) => void)[] = [
      (response) => void response.write(picture.subarray(0, 20)),
      () => undefined,
      (response) => {
        const drops = setInterval(() => response.write('x'), 20);
        response.once('close', () => clearInterval(drops));
      },
    ];
    for (const play of slow) {
      answer = (_request, response) => play(response);
      const started = performance.now();
      assert.equal((await fetched('http://pictures.example/a')).status, 422);
      assert.ok(performance.now() - started < 3_000);
    }
  });

  it('tells nothing of why it is not to be had', async () => {
    const texts = new Set<string>();
    for (const status of [404, 403, 500, 204]) {
      answer = (_request, response) => response.writeHead(status).end(picture);
      const reply = await fetched('http://pictures.example/a');
      assert.equal(reply.status, 422);
      texts.add(reply.text);
    }
    names['away.example'] = [];
    texts.add((await fetched('http://away.example/a')).text);
    names['inner.example'] = ['10.0.0.1'];
    texts.add((await fetched('http://inner.example/a')).text);
    assert.equal(texts.size, 1);
  });
});

describe('inner networks', () => {
  it('are not reached by a name that leads there, in part or in turn', async () => {
    names['inner.example'] = ['10.0.0.1'];
    names['both.example'] = [outside, '10.0.0.1'];
    names['six.example'] = ['::ffff:127.0.0.1'];
    for (const name of Object.keys(names)) assert.equal((await fetched(`http://${name}/a`)).status, 422, name);
    // Rebinding: the second answer is another. There is no second question.
    let questions = 0;
    Object.defineProperty(names, 'turns.example', { get: () => (questions++ === 0 ? [outside] : ['10.0.0.1']) });
    assert.equal((await fetched('http://turns.example/a')).status, 200);
    assert.equal(questions, 1);
  });

  it('are not reached by any way to write an address', async () => {
    const written = [
      'http://10.0.0.1/',
      'http://0x0a.0.0.1/',
      'http://167772161/',
      'http://012.0.0.1/',
      'http://127.1.1.1/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://[64:ff9b::7f00:1]/',
      'http://[fe80::1]/',
      'http://169.254.169.254/latest/meta-data/',
      'http://①②⑦.0.0.2/',
    ];
    const signed = await sign(written);
    for (const url of written) {
      const path = signed[url];
      if (path !== undefined) assert.equal((await anne.get(path)).status, 422, url);
    }
    assert.equal(asked.length, 0);
  });

  it('are not reached by a redirect', async () => {
    names['inner.example'] = ['192.168.0.1'];
    const targets = [
      'http://inner.example/',
      'http://10.0.0.1/',
      'http://pictures.example:8080/',
      'file:///etc/passwd',
      'ftp://x/',
    ];
    for (const location of targets) {
      answer = (_request, response) => response.writeHead(302, { location }).end();
      assert.equal((await fetched('http://pictures.example/a')).status, 422, location);
    }
    assert.equal(asked.length, targets.length);
  });

  it('are not asked for by port, password or scheme', async () => {
    const urls = [
      'http://pictures.example:8080/',
      'http://pictures.example:22/',
      'http://user:password@pictures.example/',
      'ftp://pictures.example/',
      'file:///etc/passwd',
      'data:image/png;base64,AAAA',
      'javascript:x()',
      '//pictures.example/',
      'pictures.example',
      'http:///',
      `http://pictures.example/${'x'.repeat(5_000)}`,
    ];
    assert.deepEqual(await sign(urls), {});
    assert.equal(Object.keys(await sign(['http://pictures.example:80/', 'https://pictures.example:443/'])).length, 2);
  });
});

describe('redirects', () => {
  it('are followed three times and no more', async () => {
    answer = (request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end(picture);
      else response.writeHead(302, { location: `/${left - 1}`, 'set-cookie': 'track=1' }).end();
    };
    assert.equal((await fetched('http://pictures.example/3')).status, 200);
    assert.ok(asked.every(({ headers }) => headers.cookie === undefined && headers.referer === undefined));
    assert.equal((await fetched('http://pictures.example/4')).status, 422);
  });
});

describe('the signature', () => {
  const url = 'http://pictures.example/a';

  it('covers message and address', async () => {
    const path = String((await sign([url]))[url]);
    const changes = [
      path.replace('m=M1', 'm=M2'),
      path.replace('%2Fa', '%2Fb'),
      path.replace('/media/', '/media/x'),
      path.replace(/\/media\/[^?]+/, '/media/x'),
      path.replace(/&u=.*/, ''),
      `${path}&u=http://other.example/`,
    ];
    for (const changed of changes) assert.equal((await anne.get(changed)).status, 403, changed);
    assert.equal(asked.length, 0);
  });

  it('is good for nobody else, and for nobody after signing out', async () => {
    const again = site.client();
    await again.signIn('anne', webPassword);
    const path = String((await sign([url], again))[url]);
    const bob = site.client();
    await bob.signIn('bob', webPassword);
    assert.equal((await bob.get(path)).status, 403);
    assert.equal((await anne.get(path)).status, 403);
    assert.equal((await site.client().get(path)).status, 401);
    assert.equal((await again.get(path)).status, 200);
    await again.post('/logout', {});
    assert.equal((await again.get(path)).status, 401);
  });

  it('is not given to a stranger, nor to another site', async () => {
    assert.equal((await site.client().post('/api/media/sign', { emailId: 'M1', urls: [url] })).status, 401);
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    assert.equal((await anne.post('/api/media/sign', { emailId: 'M1', urls: [url] }, foreign)).status, 403);
    const path = String((await sign([url]))[url]);
    assert.equal((await anne.get(path, { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).status, 401);
  });
});
