/**
 * Bad weather over an embedded store: a wire that breaks after the server has answered, and fail points that take turns as
 * step-downs, write concerns that time out and change streams whose history is lost. The seed is printed, so that a storm can
 * be had again.
 */
import { randomInt } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { startBadWire } from './bad-wire.js';

export interface BadWeather {
  close(): Promise<void>;
}

const writes = ['insert', 'bulkWrite', 'update'];
const share = 0.03;

/** What a server says that steps down or shuts down (labels as a server sends them to a driver that retries writes). */
const storms: readonly Record<string, unknown>[] = [
  { failCommands: writes, errorCode: 10107, errorLabels: ['RetryableWriteError'] },
  { failCommands: [...writes, 'find'], errorCode: 11602, errorLabels: ['RetryableWriteError'] },
  {
    failCommands: writes,
    writeConcernError: { code: 91, errmsg: 'shutting down', errorLabels: ['RetryableWriteError'] },
  },
  { failCommands: writes, writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } },
  { failCommands: ['getMore'], errorCode: 286, errmsg: 'history lost' },
  { failCommands: [...writes, 'find', 'getMore'], closeConnection: true },
];

export async function startBadWeather(server: string, wire: string, uri: string): Promise<BadWeather> {
  const seed = Number(process.env['VAGUEMESTRE_TEST_SEED'] ?? randomInt(1 << 30));
  console.log(`# bad weather, VAGUEMESTRE_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const badWire = await startBadWire(wire, server, { lost: 0.05, slow: 0.05, slowMs: 20, random });
  const client = new MongoClient(uri, { maxPoolSize: 1 });
  let next = 0;
  let storm: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    const { errmsg: _errmsg, ...data } = storms[next++ % storms.length]!;
    storm = client
      .db('admin')
      .command({ configureFailPoint: 'failCommand', mode: { activationProbability: share }, data })
      .catch((error: unknown) => console.log(`# fail point refused: ${String(error)}`));
  }, 50);
  return {
    async close() {
      clearInterval(timer);
      await storm;
      await client.close();
      await badWire.close();
    },
  };
}

/** mulberry32: small, and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
