/** Deadlines that are minutes long, on a moved clock: `performance.now` and the timers of the connection are the test's. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { lingerTimeoutMs, stalledInputTimeoutMs, stalledOutputTimeoutMs } from '@vaguemestre/server/kernel/limits';
import { SocketConnection } from '@vaguemestre/server/net/socket-connection';

/** What of a socket the connection uses: octets in, and writes that end when the test says so. */
class FakeSocket extends PassThrough {
  readonly written: (() => void)[] = [];
  waiting = 0;
  constructor() {
    super();
    Object.defineProperty(this, 'writableLength', { get: () => this.waiting });
  }
  override write(chunk: unknown, ...rest: readonly unknown[]): boolean {
    const { length } = chunk as string | Buffer;
    const callback = rest.at(-1);
    this.waiting += length;
    this.written.push(() => {
      this.waiting -= length;
      if (typeof callback === 'function') callback();
    });
    return false;
  }
  /** Only our side: the peer keeps its own. */
  override end(): this {
    return this;
  }
  arrive(octets: string): void {
    this.push(Buffer.from(octets));
  }
}

describe('deadlines of a connection', () => {
  let nowMs = 1_000_000;
  let socket: FakeSocket;
  let connection: SocketConnection;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(performance, 'now', () => nowMs);
    socket = new FakeSocket();
    connection = new SocketConnection(socket as unknown as Socket, {
      peer: { address: '192.0.2.1', port: 1, unix: false, local: false },
      id: 'x',
      secure: undefined,
    });
  });
  afterEach(() => {
    connection.destroy('test over');
    mock.timers.reset();
    mock.restoreAll();
  });

  async function pass(ms: number): Promise<void> {
    // In steps: a timer that re-arms itself must see the clock that it was armed for.
    for (let left = ms; left > 0; left -= 1000) {
      const step = Math.min(left, 1000);
      nowMs += step;
      mock.timers.tick(step);
    }
    await settle();
  }

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  function outcome<T>(promise: Promise<T>): { value: string } {
    const result = { value: 'waiting' };
    promise.then(
      () => {
        result.value = 'done';
      },
      (error: unknown) => {
        result.value = error instanceof MailError && error.details?.['timeout'] === true ? 'timed out' : 'failed';
      },
    );
    return result;
  }

  it('waits for a line as long as it was told, and not longer', async () => {
    connection.setReadTimeout(30 * 60_000);
    const line = outcome(connection.readLine(100));
    await pass(30 * 60_000 - 2000);
    assert.equal(line.value, 'waiting');
    await pass(3000);
    assert.equal(line.value, 'timed out');
  });

  it('waits less for the rest of a line that was begun', async () => {
    connection.setReadTimeout(30 * 60_000);
    const line = outcome(connection.readLine(100));
    socket.arrive('half');
    await settle();
    await pass(stalledInputTimeoutMs - 2000);
    assert.equal(line.value, 'waiting');
    socket.arrive(' more');
    await settle();
    await pass(stalledInputTimeoutMs - 2000);
    assert.equal(line.value, 'waiting');
    await pass(3000);
    assert.equal(line.value, 'timed out');
  });

  it('lets a line take no longer than the deadline, however it drips', async () => {
    connection.setReadTimeout(60_000);
    const line = outcome(connection.readLine(100));
    for (let i = 0; i < 70; i++) {
      socket.arrive('x');
      await settle();
      await pass(1000);
    }
    assert.equal(line.value, 'timed out');
  });

  it('gives a literal time for each chunk, and asks for a rate over the whole', async () => {
    connection.setReadTimeout(60_000);
    const steady = outcome(connection.readExactly(100_000, () => undefined));
    for (let i = 0; i < 20; i++) {
      socket.arrive('x'.repeat(5000));
      await settle();
      await pass(30_000);
    }
    assert.equal(steady.value, 'done');
    const drip = outcome(connection.readExactly(100_000, () => undefined));
    for (let i = 0; i < 3; i++) {
      socket.arrive('x');
      await settle();
      await pass(30_000);
    }
    assert.equal(drip.value, 'timed out');
  });

  it('does not count the time that the sink takes', async () => {
    connection.setReadTimeout(60_000);
    let release: (() => void) | undefined;
    const read = outcome(
      connection.readExactly(20, () => {
        if (release !== undefined) return undefined;
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      }),
    );
    socket.arrive('0123456789');
    await settle();
    await pass(10 * 60_000);
    release?.();
    await settle();
    assert.equal(read.value, 'waiting');
    socket.arrive('0123456789');
    await settle();
    assert.equal(read.value, 'done');
  });

  it('cuts a peer that does not read, and not one that reads slowly', async () => {
    connection.write(Buffer.alloc(300_000));
    const drained = outcome(connection.drained()!);
    await pass(stalledOutputTimeoutMs - 2000);
    connection.write(Buffer.alloc(300_000));
    connection.flush();
    socket.written.shift()?.();
    await pass(stalledOutputTimeoutMs - 2000);
    assert.equal(connection.destroyed, false);
    assert.equal(drained.value, 'waiting');
    await pass(3000);
    assert.equal(connection.destroyed, true);
    assert.equal(drained.value, 'failed');
  });

  it('cuts a peer that keeps its side open behind the last words, once it has read them', async () => {
    connection.write('bye\r\n');
    connection.end();
    await pass(4 * lingerTimeoutMs);
    assert.equal(connection.destroyed, false);
    socket.written.shift()?.();
    await pass(2 * lingerTimeoutMs);
    assert.equal(connection.destroyed, true);
  });

  it('arms one timer for a thousand lines', async () => {
    let armed = 0;
    const original = globalThis.setTimeout;
    mock.method(globalThis, 'setTimeout', (...args: Parameters<typeof setTimeout>) => {
      armed++;
      return original(...args);
    });
    socket.arrive('noop\r\n'.repeat(1000));
    for (let i = 0; i < 1000; i++) {
      connection.setReadTimeout(30 * 60_000);
      await connection.readLine(100);
      connection.write('ok\r\n');
    }
    assert.ok(armed <= 2, `${armed} timers`);
    assert.ok(socket.written.length <= 20, `${socket.written.length} writes`);
  });
});
