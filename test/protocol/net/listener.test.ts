import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Connection } from '@vaguemestre/server/net/connection';
import { type Listener, type ListenerOptions, listen } from '@vaguemestre/server/net/listener';
import { ensureSelfSigned, makeSelfSigned } from '@vaguemestre/server/net/self-signed';
import { createTlsContext } from '@vaguemestre/server/net/tls-context';
import { connectLines, connectTlsLines } from '../../harness/line-client.js';

const loopback = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;

async function echo(connection: Connection): Promise<void> {
  for (let line = await connection.readLine(100); line.kind === 'line'; line = await connection.readLine(100)) {
    connection.write(Buffer.concat([line.bytes, Buffer.from('\r\n')]));
  }
}

const portOf = (listener: Listener): number => (listener.address.kind === 'tcp' ? listener.address.port : 0);

describe('listener', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vaguemestre-net-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const open = (options: Partial<ListenerOptions>, session = echo): Promise<Listener> =>
    listen({ name: 'test', address: loopback, log: silentLog, ...options }, session);

  it('listens on a Unix socket, also over one that a killed process left', async () => {
    const path = join(folder, 'lmtp.sock');
    const address = { kind: 'unix', path } as const;
    let peer: Connection['peer'] | undefined;
    const listener = await open({ address }, async (connection) => {
      peer = connection.peer;
      await echo(connection);
    });
    const client = await connectLines({ path });
    client.send('x\r\n');
    assert.equal(await client.line(), 'x');
    assert.deepEqual(peer, { address: path, port: 0, unix: true, local: true });
    assert.equal((await stat(path)).mode & 0o007, 0);
    client.close();
    await assert.rejects(open({ address }), { code: 'EADDRINUSE' });
    await listener.close(0);
    // A socket file without a listener, as after kill -9.
    const stale = createServer();
    await new Promise<void>((resolve) => stale.listen(path, resolve));
    await rename(path, `${path}.kept`);
    await new Promise((resolve) => stale.close(resolve));
    await rename(`${path}.kept`, path);
    const again = await open({ address });
    await again.close(0);
  });

  it('rejects when the port is taken', async () => {
    const first = await open({});
    await assert.rejects(open({ address: { ...loopback, port: portOf(first) } }), { code: 'EADDRINUSE' });
    await first.close(0);
  });

  it('turns away what is too much, with a word', async () => {
    const listener = await open({ maxConnections: 1, fullText: '421 4.3.2 Too many\r\n' });
    const one = await connectLines({ port: portOf(listener) });
    one.send('x\r\n');
    await one.line();
    const two = await connectLines({ port: portOf(listener) });
    assert.equal(await two.rest(), '421 4.3.2 Too many\r\n');
    one.close();
    while (listener.connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const three = await connectLines({ port: portOf(listener) });
    three.send('y\r\n');
    assert.equal(await three.line(), 'y');
    three.close();
    await listener.close(0);
  });

  it('gives sessions their time when it closes, and cuts them afterwards', async () => {
    const listener = await open({});
    const quick = await connectLines({ port: portOf(listener) });
    const stuck = await connectLines({ port: portOf(listener) });
    stuck.send('x\r\n');
    await stuck.line();
    const began = performance.now();
    const closed = listener.close(200);
    quick.send('last\r\n');
    assert.equal(await quick.line(), 'last');
    quick.socket.end();
    await closed;
    await stuck.closed();
    const tookMs = performance.now() - began;
    assert.ok(tookMs >= 190 && tookMs < 5000, String(tookMs));
    await assert.rejects(connectLines({ port: portOf(listener) }));
  });

  it('survives a session that throws', async () => {
    const listener = await open({}, async () => {
      throw new TypeError('a fault');
    });
    for (let i = 0; i < 3; i++) await (await connectLines({ port: portOf(listener) })).closed();
    await listener.close(0);
  });
});

describe('certificates', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vaguemestre-tls-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('makes a certificate once, the key for its owner alone', async () => {
    const files = await ensureSelfSigned(join(folder, 'data'), ['mail.labo.example', '192.0.2.1', '2001:db8::5']);
    const cert = await readFile(files.certFile, 'utf8');
    assert.equal((await stat(files.keyFile)).mode & 0o777, 0o600);
    assert.deepEqual(await ensureSelfSigned(join(folder, 'data')), files);
    assert.equal(await readFile(files.certFile, 'utf8'), cert);
    const parsed = new X509Certificate(cert);
    assert.equal(parsed.checkHost('mail.labo.example'), 'mail.labo.example');
    for (const address of ['192.0.2.1', '2001:db8::5', '127.0.0.1', '::1']) {
      assert.equal(parsed.checkIP(address), address);
    }
    assert.equal(parsed.verify(parsed.publicKey), true);
    assert.equal(parsed.ca, false);
    assert.equal(parsed.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    const years = (Date.parse(parsed.validTo) - Date.now()) / (365.25 * 86_400_000);
    assert.ok(years > 9.9 && years < 10.1, String(years));
  });

  it('speaks TLS 1.2 and 1.3, nothing older, and takes a new certificate while it runs', async () => {
    const files = await ensureSelfSigned(join(folder, 'reload'), ['first.example']);
    const context = await createTlsContext(files);
    const listener = await listen(
      { name: 'test', address: loopback, tls: context, implicitTls: true, log: silentLog },
      async (connection) => {
        await connection.readLine(100);
        connection.write(`${connection.tls?.version} ${connection.clientCertificate}\r\n`);
      },
    );
    const ask = async (options: Record<string, unknown>): Promise<readonly [string, string | undefined]> => {
      const client = await connectTlsLines(portOf(listener), options);
      client.send('x\r\n');
      const subject = (client.socket as TLSSocket).getPeerCertificate().subject.CN;
      const line = await client.line();
      client.close();
      return [line, typeof subject === 'string' ? subject : subject?.[0]];
    };
    assert.deepEqual(await ask({ maxVersion: 'TLSv1.2' }), ['TLSv1.2 undefined', 'first.example']);
    assert.deepEqual(await ask({}), ['TLSv1.3 undefined', 'first.example']);
    await assert.rejects(ask({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }));
    const second = makeSelfSigned(['second.example']);
    await writeFile(files.keyFile, second.key);
    // The key alone is no pair: what was in force stays.
    await assert.rejects(context.reload());
    assert.equal((await ask({}))[1], 'first.example');
    await writeFile(files.certFile, second.cert);
    await context.reload();
    assert.equal((await ask({}))[1], 'second.example');
    await assert.rejects(ask({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }));
    await listener.close(0);
  });

  it('believes a client certificate of its authority, and no other', async () => {
    const files = await ensureSelfSigned(join(folder, 'mutual'), ['server.example']);
    const relay = makeSelfSigned(['relay.example']);
    const other = makeSelfSigned(['relay.example']);
    const clientCaFile = join(folder, 'ca.pem');
    await writeFile(clientCaFile, relay.cert);
    const context = await createTlsContext({ ...files, clientCaFile });
    const listener = await listen(
      { name: 'test', address: loopback, tls: context, implicitTls: true, log: silentLog },
      async (connection) => {
        await connection.readLine(100);
        connection.write(`${connection.clientCertificate}\r\n`);
      },
    );
    const ask = async (pair: { key: string; cert: string } | undefined): Promise<string> => {
      const client = await connectTlsLines(portOf(listener), { ...pair });
      client.send('x\r\n');
      return client.line();
    };
    assert.equal(await ask(relay), 'CN=relay.example');
    assert.equal(await ask(other), 'undefined');
    assert.equal(await ask(undefined), 'undefined');
    await listener.close(0);
  });
});
