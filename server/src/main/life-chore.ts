/**
 * The life of accounts that end, put together: what one process of all does each minute under a lease. The archives of a machine are
 * its own files, so each machine removes its old ones itself.
 */
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArchiveParts } from '../admin/archive/archive-person.js';
import type { SettingValues } from '../config/settings.js';
import type { ChoreLeases } from '../database/chore-leases.js';
import { systemClock } from '../kernel/clock.js';
import { newProcessNonce } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import { answerForEnded } from '../life/auto-answers.js';
import { lifePass } from '../life/life-pass.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import { deliverLetter } from './deliver-letter.js';
import type { OpenMail } from './open-mail.js';

/** It only keeps machines from doing the same work: done twice it is done once. */
const leaseMs = 3 * 60_000;

export function archiveParts(mail: OpenMail, values: SettingValues): ArchiveParts {
  const folder = resolve(values.data);
  return {
    mailstore: mail.mailstore,
    people: mail.people,
    archives: mail.ended.archives,
    folder: values['archive-folder'] === undefined ? join(folder, 'archives') : resolve(values['archive-folder']),
    recipients: values['archive-recipients'],
    keyFile: join(folder, 'archive.key'),
    host: hostname(),
    zone: values['time-zone'],
    clock: systemClock,
  };
}

/** Where archives are unpacked while they are taken back. */
export const restoringFolder = (values: SettingValues): string => join(resolve(values.data), 'restoring');

export function createLifeChore(
  mail: OpenMail,
  values: SettingValues,
  log: Log,
): (signal: AbortSignal) => Promise<void> {
  const { mailstore, people, outbox, ended } = mail;
  const { domain, 'time-zone': zone } = values;
  const shared = { people, lives: ended.lives, domain, zone, clock: systemClock, log };
  const answers = { ...shared, mailstore, outbox, answered: ended.answered };
  const owner = newProcessNonce();
  const deliver = deliverLetter(mailstore, domain);
  return (signal) =>
    underLease(ended.leases, owner, signal, async (held) => {
      await answerForEnded(answers, held);
      // Loaded with the first look: encryption is much code, and a start does not wait for it.
      const { archivePerson, isIntact } = await import('../admin/archive/archive-person.js');
      const archives = archiveParts(mail, values);
      await lifePass(
        {
          ...shared,
          archives: ended.archives,
          audit: ended.audit,
          deliver,
          archive: (person, until) => archivePerson(archives, person, until),
          isIntact,
          modseqOf: modseqIn(mailstore),
          trustedNowMs: mail.trustedNowMs,
        },
        held,
      );
    });
}

export const modseqIn =
  (mailstore: Pick<Mailstore, 'openAccount'>) =>
  async (account: Parameters<Mailstore['openAccount']>[0]): Promise<number> => {
    const handle = await mailstore.openAccount(account, { by: 'life' });
    try {
      await handle.refresh();
      return handle.modseq;
    } finally {
      handle.release();
    }
  };

/** Does nothing when another process has it; ends the work when it is lost. */
async function underLease(
  leases: ChoreLeases,
  owner: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const take = (): Promise<boolean> => {
    const nowMs = systemClock.nowMs();
    return leases.take('life', owner, new Date(nowMs), new Date(nowMs + leaseMs));
  };
  if (!(await take())) return;
  const over = new AbortController();
  const held = AbortSignal.any([signal, over.signal]);
  const renewing = (async () => {
    for (;;) {
      await sleep(leaseMs / 3, undefined, { signal: held });
      if (!(await take())) over.abort(new Error('another process has taken over'));
    }
  })();
  renewing.catch((error: unknown) => over.abort(error));
  try {
    await work(held);
  } finally {
    over.abort();
    await renewing.catch(() => undefined);
    await leases.give('life', owner);
  }
}
