/**
 * Runs the commands of every day some hundred times on a store of its own, of which nothing stays, so that the first that count
 * do not meet code which is still interpreted. In small steps, two thirds of the time at rest, on files that are never synced.
 *
 * What fails here is told to whoever waits, and harms nothing: the files are removed at the end, and before the next time.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BsonWriter, buildDocument } from '../bson/writer.js';
import { type Insert, writeBulkInsert } from '../client/bulk-insert.js';
import { openScratchEngine } from '../engine/engine.js';
import { MongoError } from '../errors.js';
import { finishRequest, parseMessage, requestHead } from '../wire/message.js';
import type { Client, Services } from './call.js';
import { createCursors } from './cursors.js';
import { answer } from './dispatch.js';
import { createFailPoints } from './fail-points.js';
import { createSessions } from './sessions.js';

/** About as many as the compiler wants to see before it takes what runs once a command for worth its while. */
const usualRounds = 1000;
const roundsPerStep = 4;
const atMostMs = 30_000;
const restPerWork = 2;
const database = 'warm';
const bodySection = Buffer.of(0);

/** Resolves with the number of rounds when it is done, or soon after `signal`. `directory` is made and removed. */
export async function warmUp(directory: string, signal: AbortSignal, rounds = usualRounds): Promise<number> {
  rmSync(directory, { recursive: true, force: true });
  const engine = openScratchEngine(directory);
  try {
    const services: Services = {
      engine,
      cursors: createCursors(),
      sessions: createSessions(engine.storage),
      failPoints: createFailPoints(false),
      socketPath: '',
      startedAt: Date.now(),
      closing: signal,
      log: () => undefined,
    };
    const play = await begin((fill) => ask(services, signal, fill));
    const began = performance.now();
    let round = 0;
    while (round < rounds && !signal.aborted) {
      const from = performance.now();
      if (from - began > atMostMs) break;
      for (const end = round + roundsPerStep; round < end; round++) await play(round);
      await sleep(Math.max(1, restPerWork * (performance.now() - from)));
    }
    return round;
  } finally {
    await engine.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

type Fill = (writer: BsonWriter) => void;

async function ask(services: Services, closed: AbortSignal, fill: Fill): Promise<void> {
  const client: Client = { id: 0, appName: '', closed };
  const writer = new BsonWriter(requestHead, 16 * 1024);
  fill(writer);
  const reply = await answer(services, client, parseMessage(finishRequest(writer)));
  if (reply === undefined || reply === 'close') throw new MongoError('InternalError', 'a command was not answered');
}

/** Makes the collections; what it gives plays one round. */
async function begin(send: (fill: Fill) => Promise<void>): Promise<(round: number) => Promise<void>> {
  const command = (fill: Fill): Promise<void> =>
    send((writer) => {
      const document = buildDocument((body) => {
        fill(body);
        body.string('$db', database);
      });
      writer.raw(bodySection, 0, 1).raw(document, 0, document.length);
    });
  await command((body) => {
    body.string('createIndexes', 'heads').openArray('indexes').openDocument('0');
    body.openDocument('key').int32('a', 1).int32('refs', 1).close().string('name', 'refs').close().close();
  });
  const octets = randomBytes(5 * 1024);
  return async (round) => {
    const inserts = documentsOf(round, octets);
    await send((writer) => writeBulkInsert(writer, inserts, true));
    if (round % 4 !== 0) return;
    await command((body) => {
      body.string('find', 'heads').openDocument('filter').string('_id', keyOf(round)).close().int32('limit', 1);
    });
    await command((body) => {
      body.string('update', 'log').openArray('updates').openDocument('0');
      body.openDocument('q').string('_id', keyOf(round)).close();
      body.openDocument('u').openDocument('$set').int32('n', round).close().close().close().close();
    });
  };
}

const keyOf = (round: number): string => `account-${round % 10}/${round.toString(16).padStart(12, '0')}`;

/** A large document, one with an array that is indexed, a middling and a small one: different sizes take different ways. */
function documentsOf(round: number, octets: Buffer): readonly Insert[] {
  const a = `account-${round % 10}`;
  const made = (name: string, fill: Fill): Insert => ({
    namespace: `${database}.${name}`,
    document: buildDocument((writer) => {
      writer.string('_id', keyOf(round)).string('a', a);
      fill(writer);
    }),
  });
  return [
    made('bodies', (writer) => writer.int32('size', octets.length).binary('b', octets)),
    made('heads', (writer) => {
      writer.date('date', Date.now()).string('subject', `subject ${round}`).binary('b', octets.subarray(0, 1200));
      writer
        .openArray('refs')
        .int64('0', BigInt(round) * 7919n)
        .int64('1', BigInt(round) * 104_729n)
        .close();
    }),
    made('marks', (writer) => writer.int32('slot', round).binary('b', octets.subarray(0, 1024))),
    made('log', (writer) => {
      writer.int64('n', BigInt(round)).date('t', Date.now()).openArray('ops').openDocument('0');
      writer.string('o', 'add').int32('uid', round).binary('id', octets.subarray(0, 12)).close().close();
    }),
  ];
}
