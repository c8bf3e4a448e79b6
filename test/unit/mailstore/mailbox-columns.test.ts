/** The columns of a mailbox against plain arrays. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RawDocument } from '@vaguemestre/server/database/raw-document';
import { applyFlags, rowsOfAdd } from '@vaguemestre/server/mailstore/apply-op';
import type { AddOp, FlagOp } from '@vaguemestre/server/mailstore/log-entry';
import { Columns } from '@vaguemestre/server/mailstore/mailbox-columns';
import { rowsOfSegment } from '@vaguemestre/server/mailstore/mailbox-loader';
import { hexAt } from '@vaguemestre/server/mailstore/mailbox-version';
import { segmentDocument, segmentId } from '@vaguemestre/server/mailstore/segment-document';
import { serialize } from 'bson';
import fc from 'fast-check';

interface Plain {
  uid: number;
  flags: number;
  kw: [number, number, number];
  modseq: number;
  id: string;
  size: number;
}

function addOp(uid: number, seed: number): AddOp {
  return {
    o: 'add',
    box: 'b',
    uid,
    id: Buffer.from(uid.toString(16).padStart(24, '0'), 'hex'),
    size: seed % 10_007,
    date: seed,
    flags: seed % 32,
    ...(seed % 3 === 0 ? { kw: [0, seed | 0, 0] } : {}),
    thread: Buffer.from(uid.toString(16).padStart(16, '0'), 'hex'),
    slot: uid * 2,
  };
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), seed: fc.nat() }),
  fc.record({
    kind: fc.constant('flag' as const),
    uids: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }),
    on: fc.nat(31),
    off: fc.nat(31),
    word: fc.nat(0xffff),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    uids: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }),
  }),
  fc.record({ kind: fc.constant('fork' as const) }),
);

function plainOf(columns: Columns): Plain[] {
  return Array.from({ length: columns.count }, (_, i) => ({
    uid: columns.uid[i]!,
    flags: columns.flags[i]!,
    kw: [columns.keywordWord(0, i), columns.keywordWord(1, i), columns.keywordWord(2, i)],
    modseq: columns.modseq[i]!,
    id: hexAt(columns.cold!.id, 12, i),
    size: columns.cold!.size[i]!,
  }));
}

describe('columns of a mailbox', () => {
  it('do what plain arrays do', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let columns = new Columns(0, true);
        let plain: Plain[] = [];
        let uidNext = 1;
        for (const [at, one] of steps.entries()) {
          const modseq = at + 2;
          if (one.kind === 'add') {
            const op = addOp(uidNext++, one.seed);
            columns.append(rowsOfAdd(op, modseq));
            const kw = (op.kw ?? [0, 0, 0]).map((word) => word >>> 0) as [number, number, number];
            plain.push({
              uid: op.uid,
              flags: op.flags,
              kw,
              modseq,
              id: Buffer.from(op.id).toString('hex'),
              size: op.size,
            });
          } else if (one.kind === 'flag') {
            const uids = Uint32Array.from(new Set(one.uids)).sort();
            const op: FlagOp = {
              o: 'flag',
              box: 'b',
              u: '',
              on: one.on,
              off: one.off,
              kon: [one.word, 0, 0],
              koff: [0, -1, 0],
            };
            applyFlags(columns, columns.indexesOf(uids), op, modseq);
            plain = plain.map((message) =>
              uids.includes(message.uid)
                ? {
                    ...message,
                    flags: ((message.flags & ~one.off) | one.on) >>> 0,
                    kw: [(message.kw[0] | one.word) >>> 0, 0, message.kw[2]],
                    modseq,
                  }
                : message,
            );
          } else if (one.kind === 'remove') {
            const uids = Uint32Array.from(new Set(one.uids)).sort();
            columns.remove(columns.indexesOf(uids));
            plain = plain.filter((message) => !uids.includes(message.uid));
          } else {
            const old = columns;
            columns = columns.fork();
            old.remove(Uint32Array.from({ length: old.count }, (_, i) => i));
          }
          assert.deepEqual(plainOf(columns), plain);
        }
      }),
    );
  });

  it('come back from a segment as they went in', () => {
    const columns = new Columns(0, true);
    for (let i = 1; i <= 500; i++) columns.append(rowsOfAdd(addOp(3 * i, i * 7919), 1_000_000_000_000 + i * i));
    const document = segmentDocument('acc', columns, 100, 400);
    const raw = new RawDocument(serialize(document));
    const rows = rowsOfSegment(
      {
        s: segmentId(document),
        count: raw.number('c')!,
        modBase: raw.number('modBase')!,
        column: (name) => raw.binary(name),
      },
      true,
    );
    const back = new Columns(0, true);
    back.append(rows);
    assert.deepEqual(plainOf(back), plainOf(columns).slice(100, 400));
    assert.deepEqual([document.lo, document.hi, document.c], [303, 1200, 300]);
    assert.equal(document.kw1, undefined);
    assert.throws(
      () => rowsOfSegment({ s: 'x', count: 301, modBase: 0, column: (name) => raw.binary(name) }, true),
      /damaged/,
    );
  });

  it('find a uid whether few or many are asked for', () => {
    const columns = new Columns(0, true);
    for (let i = 1; i <= 1_000; i++) columns.append(rowsOfAdd(addOp(2 * i, i), i));
    assert.deepEqual([...columns.indexesOf(Uint32Array.of(1, 2, 3, 2000, 2001))], [0, 999]);
    const all = Uint32Array.from({ length: 2_000 }, (_, i) => i + 1);
    assert.equal(columns.indexesOf(all).length, 1_000);
    assert.deepEqual(
      [columns.indexOf(7), columns.indexOf(8), columns.lowerBound(7), columns.lowerBound(9_999)],
      [-1, 3, 3, 1_000],
    );
  });
});
