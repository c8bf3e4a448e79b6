/**
 * The operations the mail path lives on, timed over the driver: `node dist/test/bench/hot-paths.bench.js [seconds a case]`.
 * Not part of the test run.
 */

import { join } from 'node:path';
import { openCommittedReader } from '@vaguemestre/embedded';
import type { Document } from 'mongodb';
import { startTestServer } from '../start-server.js';

interface Row extends Document {
  _id: string;
}

const seconds = Number(process.argv[2] ?? 2);
const running = await startTestServer({ maxPoolSize: 50, w: 'majority', journal: true }, false);
const db = running.client.db('bench');
const rows = (name: string) => db.collection<Row>(name);

async function rate(
  name: string,
  clients: number,
  work: (client: number, turn: number) => Promise<unknown>,
  each = 1,
): Promise<void> {
  for (let i = 0; i < 20; i++) await work(0, -1 - i);
  const end = performance.now() + seconds * 1000;
  const latencies: number[] = [];
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let turn = 0; performance.now() < end; turn++) {
        const sent = performance.now();
        await work(client, turn);
        latencies.push(performance.now() - sent);
        done += each;
      }
    }),
  );
  const took = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuEach = ((cpu.user + cpu.system) / done).toFixed(1);
  latencies.sort((a, b) => a - b);
  const at = (part: number) => (latencies[Math.floor(latencies.length * part)] ?? 0).toFixed(2);
  console.log(
    `${name.padEnd(52)} ${Math.round(done / took)
      .toString()
      .padStart(9)}/s   p50 ${at(0.5)} p99 ${at(0.99)} ms   cpu ${cpuEach} us`,
  );
}

const hex = (n: number) => n.toString(16).padStart(12, '0');
const entry = (a: string, n: number): Row => ({
  _id: `${a}/${hex(n)}`,
  a,
  n,
  t: new Date(),
  w: Buffer.alloc(12),
  ops: [{ op: 'add', uid: n, size: 5000 }],
  after: [{ id: 1, un: n, ex: n, us: 1 }],
  use: 1,
});

let serial = 0;
await rate('ping', 1, () => db.command({ ping: 1 }));
await rate('insert one log entry, 1 client', 1, () => rows('changes').insertOne(entry('acc1', serial++)));
await rate('insert one log entry, 10 clients', 10, (client) =>
  rows('changes').insertOne(entry(`b${client}`, serial++)),
);
const content = Buffer.alloc(5000, 0x61);
const message = Buffer.alloc(1800, 0x62);
const deliver = (a: string) => {
  const id = `${a}/${hex(serial++)}`;
  return running.client.bulkWrite(
    [
      {
        namespace: 'bench.contents',
        name: 'insertOne',
        document: { _id: id, a, size: 5000, b: content, pieces: 0 } as never,
      },
      { namespace: 'bench.messages', name: 'insertOne', document: { _id: id, a, env: message, size: 5000 } as never },
      { namespace: 'bench.changes', name: 'insertOne', document: entry(a, serial) as never },
    ],
    { ordered: true },
  );
};
await rate('bulkWrite content + message + entry, 1 client', 1, (client) => deliver(`c${client}`));
await rate('bulkWrite content + message + entry, 10 clients', 10, (client) => deliver(`d${client}`));
await rate(
  'bulkWrite of 100 entries, 1 client',
  1,
  () =>
    running.client.bulkWrite(
      Array.from(
        { length: 100 },
        () => ({ namespace: 'bench.changes', name: 'insertOne', document: entry('grp', serial++) as never }) as const,
      ),
      { ordered: true },
    ),
  100,
);
const small = Array.from({ length: 100_000 }, (_, n) => ({ _id: `acc/${hex(n)}`, a: 'acc', n, pad: 'x'.repeat(40) }));
const start = performance.now();
await rows('small').insertMany(small);
console.log(`insertMany 100k docs: ${Math.round(100_000 / ((performance.now() - start) / 1000))}/s`);
await rate('find one by _id', 1, (_, turn) =>
  rows('small').findOne({ a: 'acc', _id: `acc/${hex(Math.abs(turn * 7919) % 100_000)}` }),
);
await rate('find one by _id, 10 clients', 10, (_, turn) =>
  rows('small').findOne({ a: 'acc', _id: `acc/${hex(Math.abs(turn * 7919) % 100_000)}` }),
);
await rate('find the tail of the log (nothing there)', 1, () =>
  rows('small')
    .find({ a: 'acc', _id: { $gt: 'acc/ffffffffffff', $lt: 'acc0' } }, { hint: { _id: 1 }, raw: true })
    .toArray(),
);
await rate(
  'range find 100k raw, batches of 5000',
  1,
  async () => {
    let count = 0;
    for await (const _ of rows('small').find(
      { a: 'acc', _id: { $gte: 'acc/', $lt: 'acc0' } },
      { hint: { _id: 1 }, raw: true, batchSize: 5000 },
    ))
      count++;
    if (count !== 100_000) throw new Error(`${count}`);
  },
  100_000,
);
await rate(
  '$in of 200 _ids',
  1,
  (_, turn) =>
    rows('small')
      .find(
        {
          a: 'acc',
          _id: { $in: Array.from({ length: 200 }, (_, i) => `acc/${hex((Math.abs(turn) * 200 + i * 37) % 100_000)}`) },
        },
        { raw: true },
      )
      .toArray(),
  200,
);
await rate('updateOne $set, 1 client', 1, (_, turn) =>
  rows('small').updateOne({ a: 'acc', _id: `acc/${hex(Math.abs(turn) % 1000)}` }, { $set: { n: turn } }),
);
const reader = await openCommittedReader(join(running.folder, 'data'), join(running.folder, 's.sock'));
const ids = (
  await rows('contents')
    .find({}, { projection: { _id: 1 }, limit: 2000 })
    .toArray()
).map(({ _id }) => _id);
await rate(
  'committed reader, 200 contents of 5 KB',
  1,
  async () => reader.getMany('bench', 'contents', ids.slice(0, 200)),
  200,
);
await reader.close();
const mb = Buffer.alloc(1024 * 1024, 1);
await rate('insert 1 MB (MB/s)', 1, () => rows('big').insertOne({ _id: `big/${serial++}`, b: mb }));
await running.stop();
