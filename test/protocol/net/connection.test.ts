import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Connection } from '@vaguemestre/server/net/connection';
import { type Listener, listen } from '@vaguemestre/server/net/listener';
import { connectLines, connectTlsLines } from '../../harness/line-client.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

type Session = (connection: Connection) => Promise<void>;

const tls = await temporaryTls();
const open: Listener[] = [];

async function serve(session: Session, options: { readonly implicitTls?: boolean } = {}): Promise<number> {
  const listener = await listen(
    {
      name: 'test',
      address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      tls: tls.context,
      log: silentLog,
      ...options,
    },
    session,
  );
  open.push(listener);
  assert.equal(listener.address.kind, 'tcp');
  return listener.address.kind === 'tcp' ? listener.address.port : 0;
}

/** Answers every line with its length and text. */
const echo: Session = async (connection) => {
  for (;;) {
    const line = await connection.readLine(1000);
    if (line.kind === 'end') return;
    connection.write(
      line.kind === 'line' ? `${line.bytes.length} ${line.bytes.toString('latin1')}\r\n` : 'too long\r\n',
    );
    await connection.drained();
  }
};

after(async () => {
  await Promise.all(open.map((listener) => listener.close(0)));
  await tls.remove();
});

describe('connection', () => {
  it('reads lines split at every octet', async () => {
    const port = await serve(echo);
    const client = await connectLines({ port });
    for (const octet of Buffer.from('one\r\ntwo\nthree\r\n')) {
      client.send(Uint8Array.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(await client.lines(3), ['3 one', '3 two', '5 three']);
    client.close();
  });

  it('answers what came before the peer closed its side, and no line without an end', async () => {
    const port = await serve(echo);
    const client = await connectLines({ port });
    client.socket.end('a\r\nb\r\nhalf');
    assert.equal(await client.rest(), '1 a\r\n1 b\r\n');
  });

  it('answers thousands of pipelined lines in few writes', async () => {
    let writes = 0;
    const port = await serve(async (connection) => {
      for (let line = await connection.readLine(100); line.kind !== 'end'; line = await connection.readLine(100)) {
        connection.write('ok\r\n');
        writes++;
      }
    });
    const client = await connectLines({ port });
    let chunks = 0;
    client.socket.on('data', () => chunks++);
    client.send('noop\r\n'.repeat(10_000));
    await client.lines(10_000);
    assert.equal(writes, 10_000);
    assert.ok(chunks < 400, `${chunks} chunks`);
    client.close();
  });

  it('goes on after a line that is too long', async () => {
    const port = await serve(echo);
    const client = await connectLines({ port });
    client.send(`${'x'.repeat(100_000)}\r\nnext\r\n`);
    assert.deepEqual(await client.lines(2), ['too long', '4 next']);
    client.close();
  });

  it('reads a line as long as all that is read ahead, and one octet more', async () => {
    const port = await serve(async (connection) => {
      for (
        let line = await connection.readLine(65_536);
        line.kind !== 'end';
        line = await connection.readLine(65_536)
      ) {
        connection.write(line.kind === 'line' ? `${line.bytes.length}\r\n` : 'too long\r\n');
      }
    });
    const client = await connectLines({ port });
    for (const length of [65_534, 65_535, 65_536]) {
      client.send(Buffer.from(`${'x'.repeat(length)}\r\n`));
      assert.deepEqual(await client.lines(1), [`${length}`]);
    }
    client.send(Buffer.from(`${'x'.repeat(100_000)}\r\nnext\r\n`));
    assert.deepEqual(await client.lines(2), ['too long', '4']);
    client.close();
  });

  it('hands on literals exactly, with the line behind them', async () => {
    const port = await serve(async (connection) => {
      const chunks: Buffer[] = [];
      const whole = await connection.readExactly(300_000, async (chunk) => {
        chunks.push(chunk);
        await new Promise((resolve) => setImmediate(resolve));
      });
      const line = await connection.readLine(100);
      const octets = Buffer.concat(chunks);
      connection.write(`${whole} ${octets.length} ${octets.every((octet) => octet === 10)} ${line.kind}\r\n`);
    });
    const client = await connectLines({ port });
    client.send(Buffer.concat([Buffer.alloc(300_000, 10), Buffer.from('tail\r\n')]));
    assert.equal(await client.line(), 'true 300000 true line');
    client.close();
  });

  it('says when a literal is cut short', async () => {
    let result: boolean | undefined;
    const port = await serve(async (connection) => {
      result = await connection.readExactly(10, () => undefined);
      connection.write('cut\r\n');
    });
    const client = await connectLines({ port });
    client.socket.end('12345');
    assert.equal(await client.rest(), 'cut\r\n');
    assert.equal(result, false);
  });

  it('gives back octets that were put back', async () => {
    const port = await serve(async (connection) => {
      const some = await connection.readSome(100);
      assert.ok(some);
      connection.unread(some.subarray(2));
      const line = await connection.readLine(100);
      connection.write(line.kind === 'line' ? line.bytes : line.kind);
      connection.write('\r\n');
    });
    const client = await connectLines({ port });
    client.send('abcd\r\n');
    assert.equal(await client.line(), 'cd');
    client.close();
  });

  it('ends a read at its deadline and lets the session say so', async () => {
    const port = await serve(async (connection) => {
      connection.setReadTimeout(50);
      try {
        await connection.readLine(100);
      } catch (error) {
        assert.ok(error instanceof MailError && error.code === 'closed' && error.details?.['timeout'] === true);
        connection.write('bye\r\n');
      }
    });
    const client = await connectLines({ port });
    client.send('never fin');
    assert.equal(await client.rest(), 'bye\r\n');
  });

  it('lets a deadline be moved while a read waits', async () => {
    let waitedMs = 0;
    const port = await serve(async (connection) => {
      connection.setReadTimeout(60_000);
      const began = performance.now();
      const line = connection.readLine(100);
      connection.setReadTimeout(80);
      await line.catch(() => undefined);
      waitedMs = performance.now() - began;
    });
    const client = await connectLines({ port });
    await client.closed();
    assert.ok(waitedMs >= 75 && waitedMs < 5000, String(waitedMs));
  });

  it('rejects reads and writers when the peer is gone, and aborts its signal', async () => {
    let outcome = '';
    let aborted = false;
    let over: (() => void) | undefined;
    const finished = new Promise<void>((resolve) => {
      over = resolve;
    });
    const port = await serve(async (connection) => {
      connection.signal.addEventListener('abort', () => {
        aborted = true;
      });
      try {
        for (;;) {
          connection.write(Buffer.alloc(100_000));
          await connection.drained();
        }
      } catch (error) {
        outcome = error instanceof MailError ? error.code : String(error);
      }
      over?.();
    });
    const client = await connectLines({ port });
    client.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.resetAndDestroy();
    await finished;
    assert.equal(outcome, 'closed');
    assert.equal(aborted, true);
  });

  it('holds a bounded amount for a peer that does not read', async () => {
    let written = 0;
    const port = await serve(async (connection) => {
      for (;;) {
        connection.write(Buffer.alloc(64 * 1024));
        written += 64 * 1024;
        await connection.drained();
      }
    });
    const client = await connectLines({ port });
    client.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What the kernel takes on loopback is a few MiB; without backpressure this is hundreds.
    assert.ok(written < 16 * 1024 * 1024, String(written));
    client.close();
  });

  it('holds a bounded amount for a session that does not read', async () => {
    const port = await serve(async (connection) => {
      await new Promise((resolve) => connection.signal.addEventListener('abort', resolve));
    });
    const client = await connectLines({ port });
    for (let i = 0; i < 400; i++) client.send(Buffer.alloc(64 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(client.socket.bytesWritten - client.socket.writableLength < 16 * 1024 * 1024);
    client.close();
  });
});

describe('fairness between connections', () => {
  it('takes a share of a fast sender in each turn of the loop', async () => {
    const sentBytes = 64 * 1024 * 1024;
    let most = 0;
    let total = 0;
    const port = await serve(async (connection) => {
      let inTurn = 0;
      let counting = false;
      for (let octets = await connection.readSome(1e9); octets !== undefined; octets = await connection.readSome(1e9)) {
        total += octets.length;
        inTurn += octets.length;
        most = Math.max(most, inTurn);
        if (counting) continue;
        counting = true;
        setImmediate(() => {
          counting = false;
          inTurn = 0;
        });
      }
    });
    // From a thread of its own: a sender in this loop is only as fast as the reader.
    const sender = `const { connect } = require('node:net');
      const socket = connect(${port}, '127.0.0.1');
      socket.resume();
      socket.end(Buffer.alloc(${sentBytes}));`;
    const worker = new Worker(sender, { eval: true });
    await new Promise((resolve) => worker.once('exit', resolve));
    assert.equal(total, sentBytes);
    assert.ok(most <= 128 * 1024, `${most} octets in one turn`);
  });

  it('lets other things happen between pipelined lines', async () => {
    let turns = 0;
    let over = false;
    const port = await serve(async (connection) => {
      setImmediate(function count() {
        turns++;
        if (!over) setImmediate(count);
      });
      for (let line = await connection.readLine(10); line.kind !== 'end'; line = await connection.readLine(10));
      over = true;
    });
    const client = await connectLines({ port });
    client.socket.end('\r\n'.repeat(20_000));
    await client.closed();
    assert.ok(turns > 100, String(turns));
  });

  it('lets a slow peer read the last words', async () => {
    const port = await serve(async (connection) => {
      connection.write(Buffer.alloc(20 * 1024 * 1024, 'x'));
    });
    const client = await connectLines({ port });
    client.socket.pause();
    // Longer than a peer may linger when it has read everything.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    client.socket.resume();
    assert.equal((await client.rest()).length, 20 * 1024 * 1024);
  });
});

describe('connection under TLS', () => {
  const startTls: Session = async (connection) => {
    for (;;) {
      const line = await connection.readLine(1000);
      if (line.kind !== 'line') return;
      const text = line.bytes.toString('latin1');
      connection.write(`${connection.secure ? 'secure' : 'plain'} ${text}\r\n`);
      if (text === 'STARTTLS') await connection.startTls();
    }
  };

  it('starts TLS and drops what was sent in clear behind the command', async () => {
    const port = await serve(startTls);
    const client = await connectLines({ port });
    client.send('STARTTLS\r\ninjected\r\n');
    assert.equal(await client.line(), 'plain STARTTLS');
    const secure = await client.startTls();
    secure.send('hello\r\n');
    assert.equal(await secure.line(), 'secure hello');
    secure.close();
  });

  it('drops what was injected a moment later, before the handshake', async () => {
    const port = await serve(async (connection) => {
      await connection.readLine(1000);
      connection.write('go\r\n');
      // The injected line is in the socket's buffers by now, unread.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await connection.startTls();
      const line = await connection.readLine(1000);
      connection.write(line.kind === 'line' ? `${line.bytes.toString()}\r\n` : 'end\r\n');
    });
    const client = await connectLines({ port });
    client.send('STARTTLS\r\n');
    assert.equal(await client.line(), 'go');
    client.send('injected\r\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const secure = await client.startTls();
    secure.send('hello\r\n');
    assert.equal(await secure.line(), 'hello');
    secure.close();
  });

  it('survives a handshake that is none', async () => {
    const port = await serve(startTls);
    const bad = await connectLines({ port });
    bad.send('STARTTLS\r\n');
    await bad.line();
    bad.send('this is no handshake\r\n'.repeat(10));
    await bad.closed();
    const implicit = await serve(startTls, { implicitTls: true });
    const worse = await connectLines({ port: implicit });
    worse.send('GET / HTTP/1.0\r\n\r\n');
    await worse.closed();
    const half = await connectLines({ port });
    half.send('STARTTLS\r\n');
    await half.line();
    half.socket.end();
    await half.closed();
    const gone = await connectLines({ port: implicit });
    gone.socket.resetAndDestroy();
    const good = await connectLines({ port });
    good.send('STARTTLS\r\n');
    await good.line();
    const secure = await good.startTls();
    secure.send('x\r\n');
    assert.equal(await secure.line(), 'secure x');
    secure.close();
  });

  it('answers everything before a client that half closes under TLS', async () => {
    const port = await serve(startTls, { implicitTls: true });
    const client = await connectTlsLines(port);
    client.socket.end('a\r\nb\r\n');
    assert.equal(await client.rest(), 'secure a\r\nsecure b\r\n');
  });
});
