/**
 * The documents of a query, batch by batch: scan, filter, sort, skip, limit, projection. A long scan gives other
 * connections the loop every few milliseconds; a document is copied once, from the tree into the reply.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BsonWriter, indexName } from '../bson/writer.js';
import type { Collection } from '../engine/catalog.js';
import { maxDocumentBytes } from '../engine/documents.js';
import type { Engine } from '../engine/engine.js';
import { MongoError } from '../errors.js';
import type { BatchLimits, Source } from '../server/cursors.js';
import type { Plan, SortField } from './plan.js';
import { type Projection, writeProjected } from './projection.js';
import { openScan } from './scan.js';
import { createSorter } from './sort.js';

export const sliceMs = 5;

export interface FindSpec {
  readonly plan: Plan;
  readonly sort: readonly SortField[];
  readonly skip: number;
  /** 0: no limit. */
  readonly limit: number;
  readonly projection: Projection | undefined;
}

/** What a taker says to a document: go on; that was the last for now; not now, give it to me again next time. */
export type Taken = 'next' | 'last' | 'refused';

export interface DocumentStream {
  /** Gives documents, as views, to `take` until it has enough; true when there are no more. */
  each(take: (document: Buffer) => Taken, deadline: number): Promise<boolean>;
  close(): void;
}

export function timeExpired(): MongoError {
  return new MongoError('MaxTimeMSExpired', 'operation exceeded time limit');
}

/** Scan and residual filter in slices. */
export function openStream(engine: Engine, collection: Collection, plan: Plan): DocumentStream {
  let sliceEnd = 0;
  const scan = openScan(engine, collection, plan, () => performance.now() > sliceEnd);
  let refused: Buffer | undefined;
  return {
    async each(take, deadline) {
      if (refused !== undefined) {
        const taken = take(refused);
        if (taken === 'refused') return false;
        refused = undefined;
        if (taken === 'last') return false;
      }
      for (;;) {
        sliceEnd = performance.now() + sliceMs;
        try {
          for (let document = scan.next(); document !== undefined; document = scan.next()) {
            const taken = take(document);
            if (taken === 'next') continue;
            if (taken === 'refused') refused = Buffer.from(document);
            return false;
          }
        } finally {
          scan.pause();
        }
        if (scan.done) return true;
        if (Date.now() > deadline) throw timeExpired();
        await nextTurn();
      }
    },
    close: () => scan.pause(),
  };
}

/** Documents that are in memory already. */
export function listStream(documents: readonly Buffer[]): DocumentStream {
  let at = 0;
  return {
    async each(take) {
      while (at < documents.length) {
        const taken = take(documents[at]!);
        if (taken === 'refused') return false;
        at++;
        if (taken === 'last') return at >= documents.length;
      }
      return true;
    },
    close() {
      at = documents.length;
    },
  };
}

async function sorted(stream: DocumentStream, spec: FindSpec, deadline: number): Promise<DocumentStream> {
  const sorter = createSorter(spec.sort, spec.limit > 0 ? spec.skip + spec.limit : Number.POSITIVE_INFINITY);
  try {
    await stream.each((document) => {
      sorter.add(document);
      return 'next';
    }, deadline);
  } catch (error) {
    sorter.release();
    throw error;
  }
  const list = listStream(sorter.finish());
  return {
    each: list.each,
    close() {
      list.close();
      sorter.release();
    },
  };
}

export function findSource(engine: Engine, collection: Collection, spec: FindSpec): Source {
  return streamSource(openStream(engine, collection, spec.plan), spec);
}

/** A batch never grows beyond one document over this. */
const batchBytes = maxDocumentBytes;

export function streamSource(opened: DocumentStream, spec: FindSpec): Source {
  let stream = opened;
  let ready = spec.plan.sorted;
  let toSkip = spec.skip;
  let left = spec.limit === 0 ? Number.POSITIVE_INFINITY : spec.limit;
  return {
    async fill(writer: BsonWriter, limits: BatchLimits) {
      if (!ready) {
        stream = await sorted(stream, spec, limits.deadline);
        ready = true;
      }
      if (limits.documents === 0) return false;
      const start = writer.pos;
      let count = 0;
      const exhausted = await stream.each((document) => {
        if (toSkip > 0) {
          toSkip--;
          return 'next';
        }
        const length = document.readInt32LE(0);
        if (count > 0 && writer.pos - start + length > batchBytes) return 'refused';
        if (spec.projection === undefined) writer.item(count, document, length);
        else {
          writer.openDocument(indexName(count));
          writeProjected(writer, spec.projection, document);
          writer.close();
        }
        count++;
        left--;
        return left === 0 || count >= limits.documents ? 'last' : 'next';
      }, limits.deadline);
      return exhausted || left === 0;
    },
    close: () => stream.close(),
  };
}
