import type { Lang, Protocol, Role, TakenMail, Zone } from '@vaguemestre/shared/people';
import type { Collection, Db } from 'mongodb';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { asMailError, isDuplicateKey, reading } from './failure.js';

/**
 * The people, one document each. A unique index on `addresses` is what makes an address belong to one person; the
 * collection is therefore not sharded (a few hundred documents of half a kilobyte).
 */
export interface AppPassword {
  readonly id: string;
  /** What its owner calls the program or device. */
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly zones: readonly Zone[];
  readonly made: Date;
}

export interface PersonDocument {
  readonly _id: AccountId;
  /** The main address, normalised; also in `addresses`. */
  readonly address: string;
  readonly addresses: readonly string[];
  readonly name: string;
  readonly role: Role;
  readonly lang: Lang;
  readonly admin: boolean;
  readonly eudora: boolean;
  /** Octets; absent: no limit. */
  readonly quota?: number;
  /** Account of whoever answers for this person. */
  readonly sponsor?: AccountId;
  /** The end of the last day on which the person may log in. */
  readonly expires?: Date;
  readonly allow: readonly Protocol[];
  readonly deny: readonly Protocol[];
  /** Absent: as the role has it. */
  readonly takenMail?: TakenMail;
  /** Where the person can be written to after the end date, as the automatic answer tells. */
  readonly movedTo?: string;
  readonly disabled: boolean;
  /** Passwords of their programs. Counts only together with its secret in `credentials`. */
  readonly apps?: readonly AppPassword[];
  /** Since when signing in asks for a code of their telephone as well. */
  readonly totp?: Date;
  /** Since when signing in takes one of their passkeys, alone or with the password. */
  readonly passkeys?: Date;
  /** Set first when a person is removed: a removal that was interrupted is finished by `check` or a second `remove`. */
  readonly removing?: Date;
  readonly created: Date;
}

type Removable = 'quota' | 'sponsor' | 'expires' | 'movedTo' | 'removing' | 'takenMail' | 'totp' | 'passkeys';
/** Changed one at a time, by their own commands. */
type Listed = 'apps';

/** Given: set. A removable field given as undefined: removed. */
export type PersonChange = {
  -readonly [K in Exclude<keyof PersonDocument, '_id' | 'created' | Removable | Listed>]?: PersonDocument[K];
} & { -readonly [K in Removable]?: PersonDocument[K] | undefined };

export interface Accounts {
  ensureIndexes(): Promise<void>;
  get(id: AccountId): Promise<PersonDocument | undefined>;
  /** Those of them that are here. */
  some(ids: readonly AccountId[]): Promise<PersonDocument[]>;
  findByAddress(address: string): Promise<PersonDocument | undefined>;
  /** The administrator who has been here longest: gets what is written to postmaster. */
  firstAdministrator(): Promise<PersonDocument | undefined>;
  /** All people by main address. */
  list(): Promise<PersonDocument[]>;
  /** MailError alreadyExists if an address is taken. */
  insert(person: PersonDocument): Promise<void>;
  /** Sets what is given, removes what is given as undefined. False if there is no such person. */
  change(id: AccountId, change: PersonChange): Promise<boolean>;
  /** False if there is no such person, or there are `most` already. */
  addApp(id: AccountId, app: AppPassword, most: number): Promise<boolean>;
  /** False if there is none such. */
  removeApp(id: AccountId, app: string): Promise<boolean>;
  /** Shuts somebody out for good, unless the end date is another by now: then nothing happens, and false. */
  beginRemoval(id: AccountId, expires: Date, at: Date): Promise<boolean>;
  delete(id: AccountId): Promise<void>;
}

const taken = (cause: unknown): MailError =>
  new MailError('alreadyExists', 'One of these addresses already belongs to somebody.', { cause });

export function createAccounts(db: Db): Accounts {
  const people: Collection<PersonDocument> = db.collection<PersonDocument>('accounts');
  return {
    async ensureIndexes() {
      await reading(() => people.createIndex({ addresses: 1 }, { unique: true }));
    },
    async get(id) {
      return (await reading(() => people.findOne({ _id: id }))) ?? undefined;
    },
    async some(ids) {
      return await reading(() => people.find({ _id: { $in: [...ids] } }).toArray());
    },
    async findByAddress(address) {
      return (await reading(() => people.findOne({ addresses: address }))) ?? undefined;
    },
    async firstAdministrator() {
      const administrators = await reading(() => people.find({ admin: true }).toArray());
      return administrators.filter((one) => !one.disabled).sort((x, y) => +x.created - +y.created)[0];
    },
    async list() {
      const everybody = await reading(() => people.find({}).toArray());
      return everybody.sort((x, y) => (x.address < y.address ? -1 : 1));
    },
    async insert(person) {
      try {
        await people.insertOne(person);
      } catch (error) {
        throw isDuplicateKey(error) ? taken(error) : asMailError(error);
      }
    },
    async change(id, change) {
      const set: Record<string, unknown> = {};
      const unset: Record<string, ''> = {};
      for (const [field, value] of Object.entries(change)) {
        if (value === undefined) unset[field] = '';
        else set[field] = value;
      }
      const update = {
        ...(Object.keys(set).length > 0 && { $set: set }),
        ...(Object.keys(unset).length > 0 && { $unset: unset }),
      };
      if (Object.keys(update).length === 0) return (await this.get(id)) !== undefined;
      try {
        const result = await people.updateOne({ _id: id }, update);
        return result.matchedCount === 1;
      } catch (error) {
        throw isDuplicateKey(error) ? taken(error) : asMailError(error);
      }
    },
    async addApp(id, app, most) {
      const room = { _id: id, [`apps.${most - 1}`]: { $exists: false } };
      const result = await reading(() => people.updateOne(room, { $push: { apps: app } }));
      return result.matchedCount === 1;
    },
    async removeApp(id, app) {
      const result = await reading(() => people.updateOne({ _id: id }, { $pull: { apps: { id: app } } }));
      return result.modifiedCount === 1;
    },
    async beginRemoval(id, expires, at) {
      const set = { $set: { disabled: true, removing: at } };
      const result = await reading(() => people.updateOne({ _id: id, expires }, set));
      return result.matchedCount === 1;
    },
    async delete(id) {
      await reading(() => people.deleteOne({ _id: id }));
    },
  };
}
