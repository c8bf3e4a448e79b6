import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { parseNetworks } from '@vaguemestre/server/net/address';
import { type Listener, listen } from '@vaguemestre/server/net/listener';
import { parseProxyHeader } from '@vaguemestre/server/net/proxy-header';
import fc from 'fast-check';
import { connectLines } from '../../harness/line-client.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

function version2(command: number, family: number, addresses: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length);
  return Buffer.concat([signature, Buffer.of(0x20 | command, family), length, addresses]);
}

const ipv4 = Buffer.from([192, 0, 2, 1, 10, 0, 0, 1, 0xd4, 0x31, 0x03, 0xe1]);
const ipv6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.alloc(16),
  Buffer.of(1, 2, 3, 4),
]);

const good = [
  ['v1 over IPv4', Buffer.from('PROXY TCP4 192.0.2.1 10.0.0.1 54321 993\r\n'), '192.0.2.1', 54321],
  ['v1 over IPv6', Buffer.from('PROXY TCP6 2001:db8::1 ::1 1 993\r\n'), '2001:db8::1', 1],
  ['v2 over IPv4', version2(1, 0x11, ipv4), '192.0.2.1', 54321],
  ['v2 over IPv4 with a TLV', version2(1, 0x11, Buffer.concat([ipv4, Buffer.of(4, 0, 1, 0)])), '192.0.2.1', 54321],
  ['v2 over IPv6', version2(1, 0x21, ipv6), '2001:db8::1', 0x0102],
] as const;

describe('PROXY header', () => {
  for (const [name, octets, address, port] of good) {
    it(`reads ${name}, and needs all of it`, () => {
      for (let cut = 0; cut < octets.length; cut++) {
        assert.deepEqual(parseProxyHeader(octets.subarray(0, cut)), { kind: 'more' }, String(cut));
      }
      const behind = Buffer.concat([octets, Buffer.from('a LOGIN\r\n')]);
      assert.deepEqual(parseProxyHeader(behind), { kind: 'proxied', length: octets.length, address, port });
    });
  }

  it('takes the addresses of the connection for LOCAL and UNKNOWN', () => {
    assert.deepEqual(parseProxyHeader(version2(0, 0, Buffer.alloc(0))), { kind: 'local', length: 16 });
    assert.deepEqual(parseProxyHeader(Buffer.from('PROXY UNKNOWN\r\n')), { kind: 'local', length: 15 });
    assert.deepEqual(parseProxyHeader(Buffer.from('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n')).kind, 'local');
  });

  for (const bad of [
    Buffer.from('a LOGIN x y\r\n'),
    Buffer.from('PROXY TCP4 192.0.2.1 10.0.0.1 54321\r\n'),
    Buffer.from('PROXY TCP4 2001:db8::1 10.0.0.1 1 2\r\n'),
    Buffer.from('PROXY TCP4 192.0.2.1 10.0.0.1 65536 2\r\n'),
    Buffer.from('PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n'),
    Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`),
    Buffer.concat([signature, Buffer.of(0x11, 0x11, 0, 0)]),
    Buffer.concat([signature, Buffer.of(0x21, 0x11, 0xff, 0xff)]),
    version2(1, 0x11, Buffer.alloc(4)),
    version2(1, 0x21, Buffer.alloc(20)),
  ]) {
    it(`refuses ${JSON.stringify(bad.toString('latin1').slice(0, 50))}`, () => {
      assert.deepEqual(parseProxyHeader(bad), { kind: 'bad' });
    });
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(60), fc.nat(255))), ([, octets], changes) => {
        const changed = Buffer.from(octets);
        for (const [at, value] of changes) if (at < changed.length) changed[at] = value;
        parseProxyHeader(changed);
      }),
    );
  });
});

describe('listener behind a proxy', async () => {
  const tls = await temporaryTls();
  const open: Listener[] = [];
  after(async () => {
    await Promise.all(open.map((listener) => listener.close(0)));
    await tls.remove();
  });

  async function serve(proxies: string[], implicitTls: boolean): Promise<number> {
    const listener = await listen(
      {
        name: 'test',
        address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
        tls: tls.context,
        implicitTls,
        proxies: parseNetworks(proxies),
        log: silentLog,
      },
      async (connection) => {
        const { address, port, local } = connection.peer;
        const line = await connection.readLine(100);
        connection.write(
          `${address} ${port > 0} ${local} ${line.kind === 'line' ? line.bytes.toString() : line.kind}\r\n`,
        );
      },
    );
    open.push(listener);
    return listener.address.kind === 'tcp' ? listener.address.port : 0;
  }

  it('takes the address that the proxy names, and what comes behind it', async () => {
    const port = await serve(['127.0.0.0/8'], false);
    const whole = await connectLines({ port });
    whole.send('PROXY TCP4 192.0.2.1 10.0.0.1 54321 993\r\nhello\r\n');
    assert.equal(await whole.line(), '192.0.2.1 true false hello');
    const pieces = await connectLines({ port });
    for (const octet of Buffer.concat([version2(1, 0x11, ipv4), Buffer.from('hello\r\n')])) {
      pieces.send(Uint8Array.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await pieces.line(), '192.0.2.1 true false hello');
  });

  it('is never local behind a proxy, whatever the header says', async () => {
    const port = await serve(['127.0.0.1'], false);
    for (const header of ['PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n', 'PROXY UNKNOWN\r\n']) {
      const client = await connectLines({ port });
      client.send(`${header}x\r\n`);
      assert.equal(await client.line(), '127.0.0.1 true false x');
    }
  });

  it('reads the header before TLS, even in the segment of the first handshake message', async () => {
    const port = await serve(['127.0.0.1'], true);
    const client = await connectLines({ port });
    client.socket.cork();
    client.send('PROXY TCP4 192.0.2.1 10.0.0.1 54321 993\r\n');
    const secure = client.startTls();
    process.nextTick(() => client.socket.uncork());
    const lines = await secure;
    lines.send('under TLS\r\n');
    assert.equal(await lines.line(), '192.0.2.1 true false under TLS');
  });

  it('takes no connection without a header from a proxy, and no header from elsewhere', async () => {
    const port = await serve(['127.0.0.1'], false);
    const without = await connectLines({ port });
    without.send('a LOGIN x y\r\n');
    await without.closed();
    const elsewhere = await connectLines({ port: await serve(['192.0.2.0/24'], false) });
    elsewhere.send('PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n');
    assert.equal(await elsewhere.line(), '127.0.0.1 true true PROXY TCP4 192.0.2.1 10.0.0.1 1 2');
  });
});
