/** From the spool into the queue: what the store does not take stays on the disk, and goes when the store is back. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { DeliveryDocument, MessageDocument } from '@vaguemestre/relay/database/queue-documents';
import { startImporter } from '@vaguemestre/relay/queue/importer';
import { newQueueId } from '@vaguemestre/relay/spool/queue-id';
import { openSpool, type Spool } from '@vaguemestre/relay/spool/spool';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { until } from '../../harness/relay-service.js';

describe('the importer', () => {
  let folder: string;
  let spool: Spool;
  let lifetime: Lifetime;
  let away = false;
  const messages = new Map<string, MessageDocument>();
  const deliveries = new Map<string, DeliveryDocument>();
  const pieces = new Map<string, number>();
  const answer = async (): Promise<void> => {
    if (away) throw new MailError('unavailable', 'The mail store cannot be reached, try again later');
  };
  const store = {
    messages: {
      insertPiece: async (id: string, number: number, octets: Uint8Array) => {
        await answer();
        pieces.set(`${id}/${number}`, octets.length);
      },
      insert: async (documents: readonly MessageDocument[]) => {
        await answer();
        for (const one of documents) messages.set(one._id, one);
      },
    },
    deliveries: {
      insert: async (documents: readonly DeliveryDocument[]) => {
        await answer();
        for (const one of documents) {
          assert.ok(messages.has(one.m), 'a delivery never names what is not there');
          deliveries.set(one._id, one);
        }
        return new Set<string>();
      },
    },
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vm-importer-'));
    lifetime = new Lifetime(silentLog);
    const limits = { maxBytes: 50_000_000, maxMessages: 1_000 };
    spool = await openSpool({ folder, owner: 'one', lives: () => false, limits, log: silentLog });
    away = false;
    for (const one of [messages, deliveries, pieces]) one.clear();
  });
  afterEach(async () => {
    await lifetime.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function accept(size: number) {
    const id = newQueueId(Date.now());
    const writer = spool.begin(id);
    await writer.write(Buffer.alloc(size, 'x'));
    const mailbox = { kind: 'mailbox' } as const;
    const mx = (domain: string) => ({ kind: 'mx', domain }) as const;
    return writer.finish({
      v: 1,
      id,
      entrance: 'edge',
      client: {},
      envelope: { from: 'a@x.example', smtpUtf8: false, eightBit: false, requireTls: false },
      recipients: [
        { address: 'b@labo.example', route: mailbox },
        { address: 'C@y.example', route: mx('y.example') },
        { address: 'd@labo.example', route: mailbox },
        { address: 'e@z.example', route: mx('z.example') },
      ],
      inward: '',
      about: {},
      sizeBytes: size,
      receivedMs: 1_800_000_000_000,
      tookMs: {},
      priority: 1,
    });
  }
  const start = (queued: () => void = () => undefined) =>
    startImporter({ ...store, clock: systemClock, queued, lifetime, log: silentLog });

  it('queues a message for each of its routes, and then lets go of the file', async () => {
    let told = 0;
    const importer = start(() => told++);
    const message = await accept(600_000);
    importer.add(message);
    await until('the file is gone', () => readdirSync(join(folder, 'one')).length === 0);
    const { id } = message.record;
    assert.deepEqual(messages.get(id)!.to, ['b@labo.example', 'c@y.example', 'd@labo.example', 'e@z.example']);
    assert.equal(messages.get(id)!.pieces, 2);
    assert.deepEqual(
      [...pieces],
      [
        [`${id}/1`, 262_144],
        [`${id}/2`, 600_000 - 2 * 262_144],
      ],
    );
    assert.deepEqual(
      [...deliveries.values()].map(({ lane, route, rcpt }) => [lane, route, rcpt.map(({ address }) => address)]),
      [
        ['in', 'mailbox', ['b@labo.example', 'd@labo.example']],
        ['out', 'mx:y.example', ['C@y.example']],
        ['out', 'mx:z.example', ['e@z.example']],
      ],
    );
    assert.equal(told, 1);
  });

  it('keeps what the store does not take, and brings all of it when it does', async () => {
    away = true;
    const importer = start();
    const accepted = await Promise.all(Array.from({ length: 120 }, (_, i) => accept(i % 10 === 0 ? 100_000 : 100)));
    for (const one of accepted) importer.add(one);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(importer.waiting, 120);
    assert.equal(readdirSync(join(folder, 'one')).length, 120);
    assert.equal(messages.size, 0);
    away = false;
    await until('all of it is in the store', () => messages.size === 120 && spool.messages === 0);
    assert.equal(deliveries.size, 360);
    assert.deepEqual([importer.waiting, spool.bytes], [0, 0]);
    assert.equal(readdirSync(join(folder, 'one')).length, 0);
  });
});
