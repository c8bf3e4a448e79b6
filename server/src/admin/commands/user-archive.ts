import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { NewPerson } from '../../auth/people.js';
import { MailError } from '../../kernel/errors.js';
import type { ArchivedPerson } from '../archive/archive-person.js';
import { command, type Workplace } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { harmless, printJson, printTable } from '../listing.js';
import { readDate } from '../person-options.js';
import { amount } from '../progress-bar.js';
import { archiveHeading, archiveRow } from './user-life.js';

export const userArchive = command({
  name: 'user archive',
  takes: ['ADDRESS'],
  summary: 'archive the mailbox of a person now: encrypted, verified, kept for a year',
  details: `Changes nothing for the person. A Maildir in a tar in an age file, for the keys of "archive-recipients" or the key
"archive.key" of the data folder: "age -d -i KEY FILE | tar x" opens it without this program. Keep that key elsewhere as well.`,
  options: {},
  async run({ positionals, json, terminal, open, signal }) {
    const { people, archiveParts, record } = await open();
    const person = await people.find(positionals[0] ?? '');
    const { archivePerson } = await import('../archive/archive-person.js');
    const archive = await archivePerson(archiveParts, person, signal);
    await record('account archived', person, {
      file: archive.file,
      messages: archive.messages,
      sha256: archive.sha256,
    });
    if (json) printJson(terminal, archive);
    else terminal.out(`${archive.messages} messages (${amount(archive.bytes)}) in ${harmless(archive.file)}\n`);
    return exitCodes.ok;
  },
});

export const archiveList = command({
  name: 'archive list',
  takes: [],
  summary: 'list the archives of mailboxes',
  options: {},
  async run({ json, config, terminal, open }) {
    const { ended } = await open();
    const archives = await ended.archives.list();
    if (json) printJson(terminal, archives);
    else
      printTable(
        terminal,
        archiveHeading,
        archives.map((one) => archiveRow(one, config.values['time-zone'])),
      );
    return exitCodes.ok;
  },
});

export const userRestore = command({
  name: 'user restore',
  takes: ['FILE'],
  summary: 'take an archive back: the person, the folders, every message with its flags and date',
  details: `Makes the person anew as the archive tells, without a password ("user passwd" sets one); the end date has to be given
when the old one is past. --to puts the mail into the account of somebody who is here.`,
  options: {
    key: {
      type: 'string',
      value: 'FILE',
      says: 'file with the secret age key; archive.key of the data folder by default',
    },
    to: { type: 'string', value: 'ADDRESS', says: 'into this account' },
    expires: { type: 'string', value: 'DATE', says: 'last day of the person who is made anew; "none" for no end' },
    sponsor: { type: 'string', value: 'ADDRESS', says: 'who answers for the person from now on' },
  },
  examples: ['vaguemestre user restore archives/tom@labo.example-2026-08-01-5f3a9c01.tar.age --expires 2026-12-31'],
  async run({ values, positionals, json, config, terminal, open, signal }) {
    if (values.to !== undefined && (values.expires !== undefined || values.sponsor !== undefined)) {
      throw new UsageError('--expires and --sponsor are for a person who is made anew, --to for one who is here');
    }
    const data = resolve(config.values.data);
    const file = resolve(positionals[0] ?? '');
    const key = resolve(values.key ?? join(data, 'archive.key'));
    const workplace = await open();
    const [{ readIdentities }, { openArchive }] = await Promise.all([
      import('../archive/age-file.js'),
      import('../archive/restore-archive.js'),
    ]);
    await readable(file, `${file} cannot be read`);
    await readable(key, `the key ${key} cannot be read; --key names another`);
    const archive = await openArchive(file, await readIdentities(key), join(data, 'restoring'), signal);
    try {
      const zone = config.values['time-zone'];
      const expires =
        values.expires === undefined || values.expires === 'none' ? undefined : readDate(values.expires, zone);
      const person =
        values.to === undefined
          ? await workplace.people.add(
              await asNew(workplace, archive.person, {
                expires,
                ends: values.expires !== 'none',
                sponsor: values.sponsor,
              }),
            )
          : await workplace.people.find(values.to);
      const account = await workplace.mailstore.openAccount(person._id, { by: 'restore' });
      try {
        const maxBytes = Math.max(config.values['max-message'], 2 ** 31);
        const report = await archive.restore(account, { maxBytes, onProgress: () => undefined, signal });
        await workplace.record('account restored', person, { file, messages: report.messages });
        if (json) printJson(terminal, { address: person.address, ...report });
        else {
          terminal.out(`${report.messages} messages (${amount(report.bytes)}) for ${person.address}\n`);
          for (const { mailbox, message, why } of report.refused)
            terminal.err(`  ${harmless(`${mailbox}: ${message}: ${why}`)}\n`);
        }
        return report.refused.length === 0 ? exitCodes.ok : exitCodes.incomplete;
      } finally {
        account.release();
      }
    } finally {
      await archive.close();
    }
  },
});

async function readable(file: string, otherwise: string): Promise<void> {
  await access(file, constants.R_OK).catch(() => {
    throw new UsageError(otherwise);
  });
}

interface Anew {
  readonly expires: Date | undefined;
  readonly ends: boolean;
  readonly sponsor: string | undefined;
}

async function asNew({ people }: Workplace, was: ArchivedPerson, { expires, ends, sponsor }: Anew): Promise<NewPerson> {
  const before = was.expires === null ? undefined : new Date(was.expires);
  if (expires === undefined && ends && before !== undefined && before.getTime() < Date.now()) {
    throw new UsageError(`the account of ${was.address} had ended; give --expires DATE, or --to ADDRESS`);
  }
  const until = expires ?? (ends ? before : undefined);
  const answers = sponsor ?? was.sponsor ?? undefined;
  if (sponsor === undefined && answers !== undefined) {
    await people.find(answers).catch((error: unknown) => {
      if (!(error instanceof MailError) || error.code !== 'nonexistent') throw error;
      throw new UsageError(`the sponsor ${answers} is not here any more; give --sponsor ADDRESS`);
    });
  }
  return {
    address: was.address,
    aliases: was.aliases,
    name: was.name,
    role: was.role,
    lang: was.lang,
    eudora: was.eudora,
    ...(was.quota !== null && { quota: was.quota }),
    ...(answers !== undefined && { sponsor: answers }),
    ...(until !== undefined && { expires: until }),
  };
}
