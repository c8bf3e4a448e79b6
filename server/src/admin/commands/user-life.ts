import type { Person } from '../../auth/people.js';
import { addDays, dayAt, endOfDay, type TimeZone } from '../../kernel/calendar.js';
import { MailError } from '../../kernel/errors.js';
import { progressOf } from '../../life/life-pass.js';
import { deletionOf, lifeDates, stageOf } from '../../life/schedule.js';
import { command, type Workplace } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printFields, printJson, printTable } from '../listing.js';
import { readDate, writeDate } from '../person-options.js';

const historyLength = 100;

export const userLife = command({
  name: 'user life',
  takes: ['ADDRESS'],
  summary: 'show where an account that ends stands, what happens next, and what was done',
  details: `Warnings go out 14 and 3 days before the last day, to the person and the sponsor. After it nobody logs in; mail arrives, and
for 30 days who writes is answered. Then the mailbox is archived, and 90 days after that the account is deleted. Until then
"user extend" and "user unlock" undo everything. It works for somebody who is gone as well, as long as an archive is there.`,
  options: {},
  async run({ positionals, json, config, terminal, open }) {
    const zone = config.values['time-zone'];
    const { people, ended } = await open();
    const address = positionals[0] ?? '';
    const person = await people.find(address).catch((error: unknown) => {
      if (error instanceof MailError && error.code === 'nonexistent') return undefined;
      throw error;
    });
    const archives = (await ended.archives.list(person?._id)).filter(
      (one) => person !== undefined || one.address === withDomain(address, config.values.domain),
    );
    if (person === undefined && archives.length === 0) await people.find(address);
    const history = await ended.audit.list({
      address: person?.address ?? archives[0]?.address ?? '',
      limit: historyLength,
    });
    const life = person === undefined ? [] : await lifeFields(person, ended, zone);
    if (json) {
      printJson(terminal, {
        address: person?.address ?? archives[0]?.address,
        ...Object.fromEntries(life),
        archives,
        history,
      });
      return exitCodes.ok;
    }
    printFields(terminal, person === undefined ? [['stage', 'deleted']] : life);
    if (archives.length > 0) {
      terminal.out('\n');
      printTable(
        terminal,
        archiveHeading,
        archives.map((one) => archiveRow(one, zone)),
      );
    }
    if (history.length > 0) {
      terminal.out('\n');
      printTable(
        terminal,
        ['WHEN', 'WHAT', 'BY'],
        history.map(({ t, what, by }) => [t.toISOString(), what, by]),
      );
    }
    return exitCodes.ok;
  },
});

const withDomain = (address: string, domain: string): string =>
  (address.includes('@') ? address : `${address}@${domain}`).toLowerCase();

export const archiveHeading = ['ARCHIVE OF', 'MADE', 'KEPT UNTIL', 'MESSAGES', 'OCTETS', 'FILE'] as const;
type ArchiveLine = Awaited<ReturnType<Workplace['ended']['archives']['list']>>[number];

export const archiveRow = (one: ArchiveLine, zone: TimeZone): string[] => [
  one.address,
  writeDate(one.made, zone),
  writeDate(one.keptUntil, zone),
  `${one.messages}`,
  `${one.bytes}`,
  one.file,
];

async function lifeFields(person: Person, ended: Workplace['ended'], zone: TimeZone): Promise<[string, string][]> {
  const { expires } = person;
  if (expires === undefined)
    return [
      ['stage', 'open'],
      ['last day', 'none'],
    ];
  const held = await ended.lives.get(person._id);
  const progress = held?.ends.getTime() === expires.getTime() ? progressOf(held) : {};
  const dates = lifeDates(expires, zone);
  const stage = person.removing === undefined ? stageOf(expires, progress, zone, Date.now()) : 'being deleted';
  const day = (ms: number, done: Date | undefined): string =>
    done === undefined ? dayAt(ms, zone) : `${dayAt(done.getTime(), zone)}, done`;
  const archived = progress.archived;
  const deleted = archived ?? new Date(dates.archive);
  return [
    ['stage', stage],
    ['first warning', day(dates.firstWarning, progress.warned?.[14])],
    ['last warning', day(dates.lastWarning, progress.warned?.[3])],
    ['last day', dates.lastDay],
    ['answers until', dayAt(dates.archive - 1, zone)],
    ['archived', day(dates.archive, archived)],
    ['deleted', person.admin ? 'never by itself: administers the mail system' : dayAt(deletionOf(deleted, zone), zone)],
  ];
}

export const userExtend = command({
  name: 'user extend',
  takes: ['ADDRESS', 'DATE'],
  summary: 'give a person another last day; undoes every step until deletion',
  details: 'Warnings come again before the new day. Archives that were made stay until their year is over.',
  options: {},
  examples: ['vaguemestre user extend tom 2026-12-31'],
  async run({ positionals, json, config, terminal, open }) {
    const zone = config.values['time-zone'];
    const expires = readDate(positionals[1] ?? '', zone);
    if (expires.getTime() < Date.now()) throw new UsageError('that day is past; "user disable" locks somebody at once');
    const workplace = await open();
    const changed = await newEnd(workplace, positionals[0] ?? '', expires, 'extended', zone);
    if (json) printJson(terminal, changed);
    else terminal.out(`${changed.address} may log in until the end of ${changed.lastDay}\n`);
    return exitCodes.ok;
  },
});

export const userUnlock = command({
  name: 'user unlock',
  takes: ['ADDRESS'],
  summary: 'let somebody whose account ended in again for some days',
  details: 'For what was forgotten, or until another end date is known: "user extend" sets that.',
  options: { days: { type: 'string', value: 'N', says: 'until the end of the day in so many days (14)' } },
  async run({ values, positionals, json, config, terminal, open }) {
    const zone = config.values['time-zone'];
    const days = Number(values.days ?? 14);
    if (!/^\d{1,4}$/.test(values.days ?? '14')) throw new UsageError('--days is a number of days');
    const workplace = await open();
    const person = await workplace.people.find(positionals[0] ?? '');
    if (person.expires === undefined || person.expires.getTime() >= Date.now()) {
      throw new UsageError(
        `the account of ${person.address} has not ended; "user disable --undo" lets in who was disabled`,
      );
    }
    const expires = new Date(endOfDay(addDays(dayAt(Date.now(), zone), days), zone));
    const changed = await newEnd(workplace, person.address, expires, 'unlocked', zone);
    if (json) printJson(terminal, changed);
    else terminal.out(`${changed.address} may log in until the end of ${changed.lastDay}\n`);
    return exitCodes.ok;
  },
});

async function newEnd(
  { people, record }: Pick<Workplace, 'people' | 'record'>,
  address: string,
  expires: Date,
  what: 'extended' | 'unlocked',
  zone: TimeZone,
): Promise<{ readonly address: string; readonly lastDay: string }> {
  const before = await people.find(address);
  if (before.removing !== undefined) {
    throw new MailError(
      'cannot',
      `the account of ${before.address} is being deleted; "user restore" takes its archive back`,
    );
  }
  const person = await people.update(address, { expires });
  const lastDay = writeDate(expires, zone);
  const was = before.expires === undefined ? 'none' : writeDate(before.expires, zone);
  await record(`account ${what}`, person, { was, lastDay });
  return { address: person.address, lastDay };
}
