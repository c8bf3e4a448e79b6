import { readFile } from 'node:fs/promises';
import type { NewPerson, People } from '../../auth/people.js';
import type { TimeZone } from '../../kernel/calendar.js';
import { MailError } from '../../kernel/errors.js';
import { command } from '../command.js';
import { parseCsv } from '../csv.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { harmless, printJson } from '../listing.js';
import { readDate, readLang, readProtocols, readRole, readSize, readTakenMail, readYes } from '../person-options.js';

const columns = [
  'address',
  'password',
  'hash',
  'role',
  'name',
  'expires',
  'quota',
  'allow',
  'deny',
  'sponsor',
  'eudora',
  'taken',
  'lang',
] as const;
type Column = (typeof columns)[number];

/** What a row came to, in the order of the file. */
interface RowReport {
  readonly line: number;
  readonly address: string;
  readonly outcome: 'added' | 'refused' | 'skipped';
  readonly why?: string;
}

interface Row {
  readonly line: number;
  readonly address: string;
  readonly person: NewPerson | undefined;
  readonly why?: string;
}

export const userImport = command({
  name: 'user import',
  takes: ['FILE.csv'],
  summary: 'add many people from a table',
  details: `The first line names the columns, in any order: ${columns.join(', ')}. Only address and role are needed; a
row without a password is a person who cannot log in yet; "hash" takes the one of another system instead ({SSHA}, {CRYPT},
$6$, $2y$, {PBKDF2} ...), which is renewed at the first login. Comma, semicolon or tab; UTF-8. Each row is reported. A row that
is wrong does not keep the others out, unless --atomic is given. Running it again adds what is missing: an address that is
there already is "skipped". Sponsors may stand in the same file. Keep the file from others: it holds passwords.`,
  options: { atomic: { type: 'boolean', says: 'add everybody or, if any row is wrong or taken, nobody' } },
  async run({ values, positionals, json, config, terminal, open, signal }) {
    const text = await readText(positionals[0] ?? '');
    const rows = readRows(text, config.values['time-zone']);
    const { people, record } = await open();
    const reports = await importRows(people, rows, values.atomic === true, signal);
    for (const { outcome, address } of reports)
      if (outcome === 'added') await record('person added', await people.find(address));
    if (json) printJson(terminal, reports);
    else for (const one of reports) terminal.out(`${reportLine(one)}\n`);
    const count = (outcome: RowReport['outcome']): number => reports.filter((one) => one.outcome === outcome).length;
    terminal.err(`${count('added')} added, ${count('skipped')} skipped, ${count('refused')} refused\n`);
    return count('refused') === 0 ? exitCodes.ok : exitCodes.incomplete;
  },
});

const reportLine = ({ line, address, outcome, why }: RowReport): string =>
  harmless(`line ${line}: ${outcome} ${address}${why === undefined ? '' : `: ${why}`}`);

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof TypeError) throw new MailError('invalid', `${file} is not in UTF-8; save it as "CSV UTF-8"`);
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readRows(text: string, zone: TimeZone): Row[] {
  const [heading, ...rows] = parse(text);
  if (heading === undefined) throw new MailError('invalid', 'the file is empty');
  const names = heading.fields.map((field) => field.trim().toLowerCase());
  const unknown = names.find((name) => !columns.some((column) => column === name));
  if (unknown !== undefined) {
    throw new MailError(
      'invalid',
      `line 1: there is no column "${harmless(unknown)}"; there are ${columns.join(', ')}`,
    );
  }
  for (const needed of ['address', 'role'] as const) {
    if (!names.includes(needed)) throw new MailError('invalid', `line 1: the column "${needed}" is missing`);
  }
  return rows.map(({ line, fields }) => {
    const cell = (column: Column): string => fields[names.indexOf(column)]?.trim() ?? '';
    const address = cell('address');
    try {
      if (fields.length > names.length) throw new MailError('invalid', 'more fields than columns');
      return { line, address, person: readPerson(cell, zone) };
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      return { line, address, person: undefined, why: error.public };
    }
  });
}

function parse(text: string): ReturnType<typeof parseCsv> {
  try {
    return parseCsv(text);
  } catch (error) {
    throw new MailError('invalid', error instanceof Error ? error.message : String(error));
  }
}

function readPerson(cell: (column: Column) => string, zone: TimeZone): NewPerson {
  const given = <T>(column: Column, read: (text: string) => T): T | undefined =>
    cell(column) === '' ? undefined : read(cell(column));
  const read = {
    password: given('password', (text) => Buffer.from(text)),
    passwordHash: given('hash', (text) => text),
    name: given('name', (text) => text),
    expires: given('expires', (text) => readDate(text, zone)),
    quota: given('quota', readSize),
    allow: given('allow', readProtocols),
    deny: given('deny', readProtocols),
    sponsor: given('sponsor', (text) => text),
    eudora: given('eudora', readYes),
    takenMail: given('taken', readTakenMail),
    lang: given('lang', readLang),
  };
  const said = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
  return { address: cell('address'), role: readRole(cell('role')), ...said };
}

async function importRows(
  people: People,
  rows: readonly Row[],
  atomic: boolean,
  signal: AbortSignal,
): Promise<RowReport[]> {
  const checked = await Promise.all(rows.map((row) => checkRow(people, row, atomic)));
  if (atomic && checked.some((report) => report !== undefined)) {
    return rows.map((row, i) => {
      return checked[i] ?? { line: row.line, address: row.address, outcome: 'skipped', why: 'another row is wrong' };
    });
  }
  const reports: (RowReport | undefined)[] = [...checked];
  const added: string[] = [];
  // Sponsors before those they answer for, however the table is sorted.
  const order = rows.map((_, i) => i).sort((x, y) => Number(hasSponsor(rows[x])) - Number(hasSponsor(rows[y])));
  for (const i of order) {
    const row = rows[i];
    if (row?.person === undefined || reports[i] !== undefined) continue;
    signal.throwIfAborted();
    try {
      added.push((await people.add(row.person)).address);
      reports[i] = { line: row.line, address: row.address, outcome: 'added' };
    } catch (error) {
      if (!(error instanceof MailError) || error.code === 'unavailable') throw error;
      reports[i] = { line: row.line, address: row.address, outcome: 'refused', why: error.public };
      if (atomic) return await takeBack(people, rows, added, reports);
    }
  }
  return reports.filter((report) => report !== undefined);
}

const hasSponsor = (row: Row | undefined): boolean => row?.person?.sponsor !== undefined;

/** What can be told of a row before anything is written; undefined: it may be added. */
async function checkRow(people: People, row: Row, atomic: boolean): Promise<RowReport | undefined> {
  const { line, address } = row;
  if (row.person === undefined) return { line, address, outcome: 'refused', ...(row.why && { why: row.why }) };
  try {
    people.validate(row.person);
    await people.find(address);
    return { line, address, outcome: atomic ? 'refused' : 'skipped', why: 'is there already' };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    if (error.code === 'nonexistent') return undefined;
    if (error.code !== 'invalid') throw error;
    return { line, address, outcome: 'refused', why: error.public };
  }
}

/** `--atomic`: a row failed for what only adding could show (a sponsor who is nobody); those before it go again. */
async function takeBack(
  people: People,
  rows: readonly Row[],
  added: readonly string[],
  reports: readonly (RowReport | undefined)[],
): Promise<RowReport[]> {
  for (const address of added) await people.remove(address);
  return rows.map((row, i) => {
    const report = reports[i];
    if (report?.outcome === 'refused') return report;
    return { line: row.line, address: row.address, outcome: 'skipped', why: 'another row is wrong' };
  });
}
