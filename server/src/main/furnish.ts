/** The first people of an empty store, and the chores that one process of a service does for all. */

import { takenMailOf } from '../auth/principal.js';
import type { Config } from '../config/config.js';
import type { SettingValues } from '../config/settings.js';
import { systemClock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Outbox } from '../outbox/outbox.js';
import { forgetTaken } from '../pop3/forget-taken.js';
import { firstRunText, makeFirstAdministrator } from './first-run.js';
import { keepHouse } from './housekeeping.js';
import { archiveParts, createLifeChore, restoringFolder } from './life-chore.js';
import { type OpenMail, openMail } from './open-mail.js';

export interface Furniture {
  /** What its owner is to be told once the service is up. */
  readonly greeting: string;
  readonly outbox: Outbox;
}

export interface FurnishOptions {
  readonly config: Config;
  readonly folder: string;
  readonly uri: string;
  readonly demo: boolean;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

export async function furnish({ config, folder, uri, demo, lifetime, log }: FurnishOptions): Promise<Furniture> {
  const { values } = config;
  const mail = await openMail({ uri, settings: values, name: 'main', lifetime, log });
  let greeting = demo ? await fill(mail, folder, values) : '';
  const administrator = await makeFirstAdministrator(mail.people, values.domain);
  if (administrator) greeting += firstRunText(administrator);
  keepHouse(
    [
      { name: 'forget old logins', everyMs: 15 * 60_000, run: () => mail.auth.prune() },
      { name: 'forget old web sessions', everyMs: 60 * 60_000, run: () => mail.webSessions.prune() },
      {
        name: 'remove mail that POP3 deleted',
        everyMs: 60 * 60_000,
        run: (signal) => forgetTakenMail(mail, log, signal),
      },
      {
        name: 'forget old maildrop leases',
        everyMs: 60 * 60_000,
        run: () => mail.maildropLeases.prune(new Date(Date.now() - 24 * 3_600_000)),
      },
      { name: 'life of accounts', firstMs: 5_000, everyMs: 60_000, run: createLifeChore(mail, values, log) },
      { name: 'remove old archives', everyMs: 60 * 60_000, run: () => removeArchives(mail, values, log) },
      { name: 'collect', everyMs: 60 * 60_000, run: (signal) => mail.mailstore.collect(signal) },
      { name: 'collect the outbox', everyMs: 60 * 60_000, run: (signal) => mail.outbox.collect(signal) },
    ],
    lifetime,
    log,
  );
  return { greeting, outbox: mail.outbox };
}

/** Of those whose policy says so (pop3/forget-taken.ts). */
async function forgetTakenMail(mail: OpenMail, log: Log, signal: AbortSignal): Promise<void> {
  const parts = { mailstore: mail.mailstore, notes: mail.maildropNotes, clock: systemClock };
  for (const person of await mail.people.list()) {
    signal.throwIfAborted();
    const days = takenMailOf(person);
    if (typeof days !== 'number' || person.removing !== undefined) continue;
    const gone = await forgetTaken(parts, { account: person._id, days });
    if (gone > 0)
      log.info({ audit: 'taken mail removed', account: person._id, messages: gone }, 'mail that POP3 deleted went');
  }
}

async function removeArchives(mail: OpenMail, values: SettingValues, log: Log): Promise<void> {
  const [{ removeOldArchives }, { leftoverMs, removeUnpacked }] = await Promise.all([
    import('../admin/archive/archive-person.js'),
    import('../admin/archive/restore-archive.js'),
  ]);
  await removeUnpacked(restoringFolder(values), Date.now() - leftoverMs);
  for (const { _id, a, file, address } of await removeOldArchives(archiveParts(mail, values))) {
    log.info({ audit: 'archive removed', address, file }, 'the year of an archive is over');
    const entry = {
      _id: `archive/${_id}/removed`,
      t: new Date(),
      what: 'archive removed',
      by: 'service',
      detail: { file },
    };
    await mail.ended.audit.add({ ...entry, a, address });
  }
}

async function fill(mail: OpenMail, folder: string, values: SettingValues): Promise<string> {
  const { domain, 'time-zone': timeZone } = values;
  const { demoText, fillDemo } = await import('../admin/demo/fill-demo.js');
  return demoText(await fillDemo({ ...mail, folder, domain, timeZone, onProgress: sayFilling }));
}

function sayFilling(messages: number, total: number): void {
  if (messages === total) process.stderr.write(`vaguemestre: wrote ${total} messages for the demonstration\n`);
}
