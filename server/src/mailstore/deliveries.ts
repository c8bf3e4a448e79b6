import type { RootDocument } from '../database/documents.js';
import type { Entry } from './log-entry.js';

/**
 * Ids of the deliveries of the last 7 days (store design 2.5): how a message that is handed over twice is recognised. The
 * root keeps them packed, 16 octets each; entries of the tail add theirs.
 */
export const rememberedSeconds = 7 * 24 * 3600;
/** 1 MiB in the root: a hundred thousand deliveries a week are no person's mail. */
const maxRemembered = 65_536;
const deliveryIdBytes = 12;
const recordBytes = deliveryIdBytes + 4;

export class Deliveries {
  readonly #seen = new Map<string, number>();

  constructor(root: RootDocument, tail: readonly Entry[]) {
    const packed = Buffer.from(root.seen);
    for (let at = 0; at + recordBytes <= packed.length; at += recordBytes) {
      this.#seen.set(packed.toString('hex', at, at + deliveryIdBytes), packed.readUInt32LE(at + deliveryIdBytes));
    }
    for (const entry of tail) this.note(entry);
  }

  note(entry: Entry): void {
    if (entry.by instanceof Uint8Array) this.#seen.set(deliveryKey(entry.by), seconds(entry.t));
  }

  has(id: Uint8Array): boolean {
    return this.#seen.has(deliveryKey(id));
  }

  /** For the next root: those up to entry time `nowSeconds` that are young enough, the newest if there are too many. */
  packed(nowSeconds: number): Uint8Array {
    const kept = [...this.#seen].filter(([, t]) => t > nowSeconds - rememberedSeconds).slice(-maxRemembered);
    const packed = Buffer.alloc(recordBytes * kept.length);
    for (const [i, [id, t]] of kept.entries()) {
      packed.write(id, recordBytes * i, 'hex');
      packed.writeUInt32LE(t, recordBytes * i + deliveryIdBytes);
    }
    return packed;
  }
}

export function deliveryKey(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
