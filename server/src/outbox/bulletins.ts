/**
 * Bulletins: a notice that each person who takes mail by POP3 finds once in the mailbox, at the next login, as qpopper's users know
 * them. It is a message like any other from then on, for the webmail too. `main` gives what delivers it.
 *
 * Whoever is told twice is told once: the mailbox knows the bulletin for some days by its id, the notes of the person for ever.
 */

import { addressesField, dateField, textField } from '../codec/mime/header-writer.js';
import { buildMessage } from '../codec/mime/message-builder.js';
import type { BulletinDocument, BulletinsCollection } from '../database/bulletins.js';
import { newObjectId } from '../database/contents.js';
import type { MaildropNotesCollection } from '../database/maildrop-notes.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { maxBulletinBytes, maxBulletins } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';

export interface NewBulletin {
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly until: Date | undefined;
}

export type Bulletin = Omit<BulletinDocument, '_id' | 'octets'> & { readonly id: string };

export interface Bulletins {
  /** MailError invalid, limit. */
  post(bulletin: NewBulletin): Promise<Bulletin>;
  list(): Promise<readonly Bulletin[]>;
  remove(id: string): Promise<boolean>;
  /** Puts what this person was not told yet into the mailbox. Never rejects: mail is taken all the same. */
  tell(account: AccountId, quotaBytes: number | undefined): Promise<void>;
}

export interface BulletinsParts {
  readonly collection: BulletinsCollection;
  readonly notes: Pick<MaildropNotesCollection, 'get' | 'tell'>;
  readonly deliver: DeliverBulletin;
  readonly domain: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Resolves when the mailbox has it, now or before. */
export type DeliverBulletin = (
  to: { readonly account: AccountId; readonly quotaBytes: number | undefined },
  /** The id of the delivery. */
  bulletin: { readonly id: string; readonly octets: Buffer },
) => Promise<void>;

/** How long a list of bulletins is believed: a login does not ask for it each time. */
const believedMs = 15_000;

export function createBulletins({ collection, notes, deliver, domain, clock, log }: BulletinsParts): Bulletins {
  let known: { readonly atMs: number; readonly list: Promise<readonly BulletinDocument[]> } | undefined;

  const current = async (): Promise<readonly BulletinDocument[]> => {
    const nowMs = clock.monotonicMs();
    if (known === undefined || nowMs - known.atMs > believedMs) {
      const list = collection.list();
      known = { atMs: nowMs, list };
      list.catch(() => {
        known = undefined;
      });
    }
    return known.list;
  };

  return {
    async post({ from, subject, text, until }) {
      if (subject.trim() === '') throw new MailError('invalid', 'a bulletin needs a subject');
      if (text.trim() === '') throw new MailError('invalid', 'a bulletin needs a text');
      if ((await collection.list()).length >= maxBulletins)
        throw new MailError('limit', 'remove an old bulletin first');
      const id = newObjectId();
      const posted = new Date(clock.nowMs());
      const fields = [
        addressesField('From', [{ name: null, email: from }]),
        textField('Subject', subject),
        dateField('Date', posted.getTime(), 0),
        `Message-ID: <bulletin-${id}@${domain}>\r\n`,
        // RFC 3834 5: no vacation answers this.
        'Auto-Submitted: auto-generated\r\n',
      ].join('');
      const pieces: Uint8Array[] = [];
      const root = { kind: 'text', type: 'text/plain', parameters: [], fields: '', text } as const;
      for await (const piece of buildMessage(fields, root)) pieces.push(piece);
      const octets = Buffer.concat(pieces);
      if (octets.length > maxBulletinBytes) throw new MailError('tooBig', 'a bulletin is a notice: it is too long');
      await collection.insert({ _id: id, subject, posted, ...(until && { until }), octets });
      known = undefined;
      return { id, subject, posted, ...(until && { until }) };
    },
    async list() {
      return (await collection.list()).map(({ _id, octets: _octets, ...rest }) => ({ id: _id, ...rest }));
    },
    async remove(id) {
      known = undefined;
      return collection.remove(id);
    },
    async tell(account, quotaBytes) {
      try {
        const now = clock.nowMs();
        const active = (await current()).filter(({ until }) => until === undefined || until.getTime() >= now);
        if (active.length === 0) return;
        const told = new Set((await notes.get(account)).told);
        for (const { _id, octets } of active) {
          if (told.has(_id)) continue;
          await deliver({ account, quotaBytes }, { id: `bulletin-${_id}`, octets });
          await notes.tell(account, _id);
        }
      } catch (error) {
        log.warn({ err: error, account }, 'a person could not be told of a bulletin');
      }
    },
  };
}
