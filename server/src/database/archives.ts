import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { repeating } from './failure.js';

/** What is known of the archives of mailboxes that ended. The files lie where they were made; this is how they are found again. */
export interface ArchiveDocument {
  readonly _id: string;
  readonly a: AccountId;
  readonly address: string;
  readonly name: string;
  readonly file: string;
  /** The machine it was made on. */
  readonly host: string;
  readonly made: Date;
  /** Deleted after it. */
  readonly keptUntil: Date;
  readonly bytes: number;
  /** Of the file, in hex. */
  readonly sha256: string;
  readonly messages: number;
  /** Entry of the account's log up to which everything is in it. */
  readonly modseq: number;
}

export interface Archives {
  add(archive: ArchiveDocument): Promise<void>;
  get(id: string): Promise<ArchiveDocument | undefined>;
  /** All, oldest first; of one account if it is given. */
  list(account?: AccountId): Promise<readonly ArchiveDocument[]>;
  remove(id: string): Promise<void>;
}

export function createArchives(db: Db): Archives {
  const archives = db.collection<ArchiveDocument>('archives');
  return {
    async add(archive) {
      const { _id, ...rest } = archive;
      await repeating(() => archives.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true }));
    },
    async get(id) {
      return (await repeating(() => archives.findOne({ _id: id }))) ?? undefined;
    },
    async list(account) {
      const all = await repeating(() => archives.find(account === undefined ? {} : { a: account }).toArray());
      return all.sort((x, y) => x.made.getTime() - y.made.getTime());
    },
    async remove(id) {
      await repeating(() => archives.deleteOne({ _id: id }));
    },
  };
}
