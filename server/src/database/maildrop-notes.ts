import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { repeating } from './failure.js';

/**
 * What the service keeps of a person's POP3, one document of `sessions` each: the bulletins they were told, and where the log of
 * the account stood on the last days, by which mail that was deleted long ago is known.
 */
export interface MaildropNotesDocument {
  /** `maildrop/<account>`. */
  readonly _id: string;
  readonly a: AccountId;
  /** Ids of bulletins. */
  readonly told?: readonly string[];
  /** Oldest first. */
  readonly days?: readonly DayMark[];
}

/** The newest entry of the account's log at a time. */
export interface DayMark {
  readonly t: Date;
  readonly n: number;
}

export type MaildropNotes = Pick<MaildropNotesDocument, 'told' | 'days'>;

export interface MaildropNotesCollection {
  get(account: AccountId): Promise<MaildropNotes>;
  tell(account: AccountId, bulletin: string): Promise<void>;
  setDays(account: AccountId, days: readonly DayMark[]): Promise<void>;
  removeAccount(account: AccountId): Promise<void>;
}

export function createMaildropNotes(db: Db): MaildropNotesCollection {
  const notes = db.collection<MaildropNotesDocument>('sessions');
  const idOf = (account: AccountId): string => `maildrop/${account}`;
  return {
    get: (account) => repeating(async () => (await notes.findOne({ _id: idOf(account) })) ?? {}),
    tell: (account, bulletin) =>
      repeating(async () => {
        const update = { $set: { a: account }, $addToSet: { told: bulletin } };
        await notes.updateOne({ _id: idOf(account) }, update, { upsert: true });
      }),
    setDays: (account, days) =>
      repeating(async () => {
        await notes.updateOne({ _id: idOf(account) }, { $set: { a: account, days } }, { upsert: true });
      }),
    removeAccount: (account) =>
      repeating(async () => {
        await notes.deleteOne({ _id: idOf(account) });
      }),
  };
}
