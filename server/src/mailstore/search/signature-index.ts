/**
 * Which messages cannot hold a needle, from their signatures: bit-sliced packs for most, single documents for the newest.
 * Never excludes a message that holds it: what has no signature (too long, or not written yet) stays a candidate.
 */
import { mayHold, needleBits, signatureBytes } from '../../codec/mime/signature.js';
import type { MessageId } from '../../kernel/ids.js';
import type { MessageRows } from '../mailbox.js';
import { groupOf, partsWith } from './bit-slices.js';
import { IndexSet } from './index-set.js';

/** The signatures of one account, as stored. */
export interface SignatureStore {
  /** Ids of the packs that the root lists. */
  readonly packs: readonly string[];
  /** Slot of every part of a pack, in part order. */
  directory(pack: string): Promise<Uint32Array>;
  /** The groups asked for, of each pack; undefined where a pack is not whole: its parts stay candidates. */
  groups(
    packs: readonly string[],
    groups: readonly number[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>>;
  /** Signatures of single messages, parts end to end; empty means always look. What has none is missing. */
  single(ids: readonly MessageId[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

export async function excludeBySignature(
  store: SignatureStore,
  view: MessageRows,
  needle: Uint8Array,
  candidates: IndexSet,
  signal?: AbortSignal,
): Promise<void> {
  const bits = needleBits(needle);
  if (bits.length === 0) return;
  await view.load(['slot', 'id'], signal);
  const { packed, possible } = await lookUpPacks(store, bits);
  const unpacked: number[] = [];
  for (const index of candidates.toArray()) {
    const slot = view.slotAt(index);
    if (slot >= packed.size || !packed.has(slot)) unpacked.push(index);
    else if (!possible.has(slot)) candidates.delete(index);
  }
  if (unpacked.length === 0) return;
  const signatures = await store.single(unpacked.map((index) => view.idAt(index)));
  for (const index of unpacked) {
    const parts = signatures.get(view.idAt(index));
    if (parts !== undefined && parts.length > 0 && !anyPartMayHold(parts, bits)) candidates.delete(index);
  }
}

async function lookUpPacks(
  store: SignatureStore,
  bits: readonly number[],
): Promise<{ packed: IndexSet; possible: IndexSet }> {
  const directories = await Promise.all(store.packs.map((pack) => store.directory(pack)));
  const slots = directories.reduce((most, directory) => directory.reduce((a, b) => Math.max(a, b), most), -1) + 1;
  const packed = IndexSet.empty(slots);
  const possible = IndexSet.empty(slots);
  if (slots === 0) return { packed, possible };
  const groups = await store.groups(store.packs, [...new Set(bits.map(groupOf))]);
  for (const [i, pack] of store.packs.entries()) {
    const directory = directories[i]!;
    const rows = groups.get(pack);
    const parts = rows && partsWith(bits, (group) => rows.get(group)!);
    for (let part = 0; part < directory.length; part++) {
      const slot = directory[part]!;
      packed.add(slot);
      if (parts === undefined || (parts[part >>> 3]! & (1 << (part & 7))) !== 0) possible.add(slot);
    }
  }
  return { packed, possible };
}

function anyPartMayHold(parts: Uint8Array, bits: readonly number[]): boolean {
  for (let at = 0; at < parts.length; at += signatureBytes) {
    if (mayHold(parts.subarray(at, at + signatureBytes), bits)) return true;
  }
  return false;
}
