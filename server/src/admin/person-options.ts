import {
  type Lang,
  langs,
  type Protocol,
  protocols,
  type Role,
  roles,
  type TakenMail,
} from '@vaguemestre/shared/people';
import { size } from '../config/kinds.js';
import { type Day, dayAt, endOfDay, readDay, type TimeZone } from '../kernel/calendar.js';
import { MailError } from '../kernel/errors.js';
import type { Option } from './command.js';

/** What is said of a person on the command line and in a CSV file: read the same way, refused with the same words. */
export const personOptions = {
  name: { type: 'string', value: 'NAME', says: 'name as it is shown' },
  alias: { type: 'string', value: 'ADDRESS', multiple: true, says: 'another address of the person; may be repeated' },
  sponsor: { type: 'string', value: 'ADDRESS', says: 'who answers for an intern' },
  expires: { type: 'string', value: 'DATE', says: 'last day of the stay, 2026-06-30' },
  'moved-to': { type: 'string', value: 'ADDRESS', says: 'new address, told to who writes after the last day' },
  eudora: { type: 'boolean', says: 'may use POP3 and old TLS in the laboratory, whatever the role' },
  admin: { type: 'boolean', says: 'administers the mail system' },
  quota: { type: 'string', value: 'SIZE', says: 'how much mail the person may keep, 5G' },
  allow: { type: 'string', value: 'LIST', says: `opened besides what the role gives: ${protocols.join(',')}` },
  deny: { type: 'string', value: 'LIST', says: 'closed whatever the role gives' },
  taken: {
    type: 'string',
    value: 'keep|remove|DAYS',
    says: 'mail that a POP3 program deletes stays for the webmail, goes at once, or after so many days',
  },
  lang: { type: 'string', value: 'fr|en', says: 'language of mailbox names and refusals (fr)' },
} as const satisfies Record<string, Option>;

export const roleOption = {
  type: 'string',
  value: roles.join('|'),
  says: 'what the person is; carries the defaults',
} as const;

const wrong = (text: string): MailError => new MailError('invalid', text);

export function readRole(text: string): Role {
  return oneOf(text, roles, 'a role');
}

export function readLang(text: string): Lang {
  return oneOf(text, langs, 'a language');
}

export function readProtocols(text: string): Protocol[] {
  const words = text.split(/[,\s]+/).filter((word) => word !== '');
  return [...new Set(words.map((word) => oneOf(word, protocols, 'a protocol')))];
}

export function readTakenMail(text: string): TakenMail {
  const word = text.trim().toLowerCase();
  if (word === 'keep' || word === 'remove') return word;
  if (/^\d{1,4}$/.test(word)) return Number(word);
  throw wrong(`"${text}" is neither keep nor remove nor a number of days`);
}

/** The end of that day in the laboratory: somebody whose last day is today still reads mail in the evening. */
export function readDate(text: string, zone: TimeZone): Date {
  const day = readDay(text.trim());
  if (day === undefined) throw wrong(`"${text}" is no date; write it as 2026-06-30`);
  return new Date(endOfDay(day, zone));
}

export const writeDate = (date: Date, zone: TimeZone): Day => dayAt(date.getTime(), zone);

export function readSize(text: string): number {
  try {
    return size(0, Number.MAX_SAFE_INTEGER).read(text);
  } catch {
    throw wrong(`"${text}" is no size; write it as 5G or 500 MiB`);
  }
}

export function readYes(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (['1', 'yes', 'y', 'true', 'oui', 'x'].includes(word)) return true;
  if (['', '0', 'no', 'n', 'false', 'non'].includes(word)) return false;
  throw wrong(`"${text}" is neither yes nor no`);
}

function oneOf<const T extends string>(text: string, choices: readonly T[], what: string): T {
  const word = text.trim().toLowerCase();
  const found = choices.find((choice) => choice === word);
  if (found === undefined) throw wrong(`"${text}" is not ${what}; choose from ${choices.join(', ')}`);
  return found;
}
