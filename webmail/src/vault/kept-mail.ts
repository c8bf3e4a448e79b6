/**
 * The mail that is kept for the next start: who reads, the mailboxes, and the heads of the lists last opened, each with its
 * rows and conversations. All of it is of one state of the account, so that the next start can ask what has changed since. One
 * tab writes; a list whose rows are the same as they were is not written again.
 */
import type { Session } from '@vaguemestre/shared/jmap/core';
import type { Snapshot, ViewSnapshot } from '../jmap/store/mail-store.js';
import type { Vault } from './vault.js';

export interface KeptMail<Reader> {
  readonly session: Session;
  readonly reader: Reader;
  readonly snapshot: Snapshot;
}

export interface MailKeeper<Reader> {
  load(): Promise<KeptMail<Reader> | undefined>;
  save(mail: KeptMail<Reader>): Promise<void>;
}

/** Of the form of what is kept: another edition's is not read. */
const edition = 2;
const baseName = 'base';

interface Base<Reader> {
  readonly edition: number;
  readonly session: Session;
  readonly reader: Reader;
  readonly account: Omit<Snapshot, 'views'>;
}

export function createMailKeeper<Reader>(vault: Vault): MailKeeper<Reader> {
  /** What lies in which place. */
  const written = new Map<string, ViewSnapshot>();

  return {
    async load() {
      const all = await vault.all<Base<Reader> | ViewSnapshot>('mail');
      const base = all.get(baseName) as Base<Reader> | undefined;
      if (base?.edition !== edition) return undefined;
      const views: ViewSnapshot[] = [];
      for (const [name, view] of all) if (name !== baseName) views.push(view as ViewSnapshot);
      return { session: base.session, reader: base.reader, snapshot: { ...base.account, views } };
    },
    async save({ session, reader, snapshot }) {
      const { views, ...account } = snapshot;
      const base: Base<Reader> = { edition, session, reader, account };
      const entries = [{ name: baseName, value: base as unknown }];
      const places = [...new Set([...written.keys(), ...views.map((_, index) => `view${index}`)])];
      const free = new Set(places);
      const changed: ViewSnapshot[] = [];
      for (const view of views) {
        const place = [...written].find(([, old]) => isSame(old, view))?.[0];
        if (place === undefined) changed.push(view);
        else free.delete(place);
      }
      const now = new Map([...written].filter(([place]) => !free.has(place)));
      for (const place of free) {
        const value = changed.pop();
        entries.push({ name: place, value });
        if (value !== undefined) now.set(place, value);
      }
      if ((await vault.put('mail', entries)) === undefined) return;
      written.clear();
      for (const [place, view] of now) written.set(place, view);
    },
  };
}

/** Records never change in place: another row is another object. */
function isSame(old: ViewSnapshot, view: ViewSnapshot): boolean {
  return (
    old.key === view.key &&
    old.head.state === view.head.state &&
    old.head.total === view.head.total &&
    old.emails.length === view.emails.length &&
    old.emails.every((row, index) => row === view.emails[index]) &&
    old.threads.length === view.threads.length &&
    old.threads.every((one, index) => one === view.threads[index])
  );
}
