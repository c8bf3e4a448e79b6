import type { IdCommand } from './command.js';
import { nstringOctets, stringOctets } from './octet-string.js';
import type { CommandReader } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

/** RFC 2971 3.3: at most 30 field-value pairs, names of at most 30 octets, values of at most 1,024: these go to the log. */
const maxFields = 30;
const maxNameBytes = 30;
const maxValueBytes = 1024;

/** SP (NIL / "(" [string SP nstring *(SP string SP nstring)] ")"). */
export function parseId(reader: CommandReader): IdCommand {
  reader.expectSpace();
  if (reader.peek() !== 0x28) {
    if (reader.keyword() !== 'NIL') reader.fail("NIL or '('");
    return { kind: 'id', parameters: undefined };
  }
  const parameters: (readonly [string, string | null])[] = [];
  reader.expectList(
    () => {
      const name = reader.expectString('the name of a field');
      reader.expectSpace();
      const value = reader.expectNstring('a string or NIL');
      if (parameters.length === maxFields || name.length > maxNameBytes || (value?.length ?? 0) > maxValueBytes) {
        throw new ImapSyntaxError('ID takes at most 30 fields, names of 30 octets and values of 1024');
      }
      parameters.push([name.toString('utf8'), value === null ? null : value.toString('utf8')]);
    },
    'fields',
    { empty: true },
  );
  return { kind: 'id', parameters };
}

/** `* ID (...)`, without CRLF. */
export function formatId(parameters: readonly (readonly [string, string | null])[] | undefined): string {
  if (parameters === undefined || parameters.length === 0) return '* ID NIL';
  return `* ID (${parameters.map(([name, value]) => `${stringOctets(name)} ${nstringOctets(value)}`).join(' ')})`;
}
