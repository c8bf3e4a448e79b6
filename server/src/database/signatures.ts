import type { Collections } from './collections.js';
import type { CommittedReads } from './committed-documents.js';
import { accountRange, type SliceDocument } from './documents.js';
import { duplicatesOf, repeating } from './failure.js';
import { rawById } from './raw-by-id.js';
import { RawDocument } from './raw-document.js';

/**
 * Signatures of texts for search (store design section 7): one document a message until it is in a pack, then bit-sliced packs
 * of 4,096 parts. Derived: what is missing makes a search slower, never wrong.
 */
export interface Signatures {
  /** By message id; parts end to end, empty for "always look". What has none is missing from the map. */
  single(account: string, ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /** The signatures of the oldest messages that have a single one, by message id. */
  oldest(account: string, limit: number): Promise<ReadonlyMap<string, Buffer>>;
  removeSingle(account: string, ids: readonly string[]): Promise<void>;
  /** Slot of every part of a pack, in part order; none when the pack is not there. */
  directory(account: string, pack: string): Promise<Uint32Array>;
  /** Groups of eight rows, by pack and group; what is not there is missing. */
  groups(
    account: string,
    packs: readonly string[],
    groups: readonly number[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, Buffer>>>;
  insertSlices(slices: readonly SliceDocument[]): Promise<void>;
  removePacks(account: string, packs: readonly string[]): Promise<void>;
  remove(account: string): Promise<void>;
}

/** Both collections from the embedded store's files, where they are at hand. */
export interface CommittedSignatures {
  readonly sigs?: CommittedReads | undefined;
  readonly slices?: CommittedReads | undefined;
}

const maxDirectories = 256;
const idsPerFind = 200;
/** Groups are 4 KB. */
const groupsPerFind = 200;
const slicesPerInsert = 256;

export const groupKey = (account: string, pack: string, group: number): string =>
  `${account}/${pack}/${group.toString(16).padStart(4, '0')}`;
export const directoryKey = (account: string, pack: string): string => `${account}/${pack}/dir`;

export function signatures({ sigs, slices }: Collections, committed: CommittedSignatures = {}): Signatures {
  const readSigs = rawById(sigs, idsPerFind, committed.sigs);
  const readSlices = rawById(slices, groupsPerFind, committed.slices);
  /** Oldest first. A pack never changes, so its directory (16 KB) may be kept. */
  const directories = new Map<string, Uint32Array>();

  return {
    single: (account, ids) =>
      repeating(async () => {
        const found = new Map<string, Buffer>();
        const keys = ids.map((id) => `${account}/${id}`);
        for (const document of await readSigs(account, keys)) {
          found.set(document.string('_id')!.slice(account.length + 1), document.binary('b')!);
        }
        return found;
      }),
    oldest: (account, limit) =>
      repeating(async () => {
        const found = new Map<string, Buffer>();
        const replies = (await sigs
          .find(
            { a: account, _id: accountRange(account) },
            { sort: { _id: 1 }, hint: { _id: 1 }, limit, raw: true, batchSize: 1000 },
          )
          .toArray()) as unknown as Buffer[];
        for (const reply of replies) {
          const document = new RawDocument(reply);
          found.set(document.string('_id')!.slice(account.length + 1), document.binary('b')!);
        }
        return found;
      }),
    removeSingle: (account, ids) =>
      repeating(async () => {
        for (let i = 0; i < ids.length; i += idsPerFind) {
          const some = ids.slice(i, i + idsPerFind).map((id) => `${account}/${id}`);
          await sigs.deleteMany({ a: account, _id: { $in: some } });
        }
      }),
    directory: (account, pack) =>
      repeating(async () => {
        const key = directoryKey(account, pack);
        const known = directories.get(key);
        if (known !== undefined) return known;
        const octets = (await readSlices(account, [key]))[0]?.binary('b');
        if (octets === undefined) return new Uint32Array(0);
        const slots = new Uint32Array(octets.length >>> 2);
        for (let i = 0; i < slots.length; i++) slots[i] = octets.readUInt32LE(4 * i);
        if (directories.size >= maxDirectories) directories.delete(directories.keys().next().value!);
        directories.set(key, slots);
        return slots;
      }),
    groups: (account, packs, groups) =>
      repeating(async () => {
        const keys = packs.flatMap((pack) => groups.map((group) => groupKey(account, pack, group)));
        const found = new Map<string, Map<number, Buffer>>();
        for (const document of await readSlices(account, keys)) {
          const [pack, group] = document
            .string('_id')!
            .slice(account.length + 1)
            .split('/') as [string, string];
          const rows = found.get(pack) ?? new Map<number, Buffer>();
          rows.set(Number.parseInt(group, 16), document.binary('b')!);
          found.set(pack, rows);
        }
        return found;
      }),
    insertSlices: (documents) =>
      repeating(async () => {
        for (let i = 0; i < documents.length; i += slicesPerInsert) {
          try {
            await slices.insertMany(documents.slice(i, i + slicesPerInsert), { ordered: false });
          } catch (error) {
            if (duplicatesOf(error) === undefined) throw error;
          }
        }
      }),
    removePacks: (account, packs) =>
      repeating(async () => {
        for (const pack of packs) {
          await slices.deleteMany({ a: account, _id: { $gt: `${account}/${pack}/`, $lt: `${account}/${pack}0` } });
        }
      }),
    remove: (account) =>
      repeating(async () => {
        await sigs.deleteMany({ a: account, _id: accountRange(account) });
        await slices.deleteMany({ a: account, _id: accountRange(account) });
      }),
  };
}
