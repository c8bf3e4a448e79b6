import { maxListPatterns } from '../../kernel/limits.js';
import { parseListText } from './mailbox-name.js';
import type { CommandReader } from './reader.js';
import { parseStatusItems, type StatusItem } from './status.js';
import { ImapSyntaxError } from './syntax-error.js';

/** RFC 9051 6.3.9.1 (RFC 5258), RFC 6154. */
export interface ListSelect {
  readonly subscribed: boolean;
  readonly remote: boolean;
  /** Only together with SUBSCRIBED or SPECIAL-USE (RFC 5258 3.1). */
  readonly recursiveMatch: boolean;
  readonly specialUse: boolean;
}

/** RFC 9051 6.3.9.2, RFC 5819, RFC 6154. */
export interface ListReturn {
  readonly subscribed: boolean;
  readonly children: boolean;
  readonly specialUse: boolean;
  readonly status: readonly StatusItem[] | undefined;
}

export interface ListCommand {
  readonly kind: 'list';
  /** Decoded; joined with each pattern by `compileListPattern`. */
  readonly reference: string;
  /** Decoded patterns with `%` and `*`; one unless written in parentheses. */
  readonly patterns: readonly string[];
  /** undefined: no selection options were written (`()` is all false). */
  readonly select: ListSelect | undefined;
  readonly return: ListReturn | undefined;
}

/** RFC 3501 6.3.9. */
export interface LsubCommand {
  readonly kind: 'lsub';
  readonly reference: string;
  readonly pattern: string;
}

/** After `LIST`: [SP select-opts] SP mailbox SP mbox-or-pat [SP "RETURN" SP return-opts]. */
export function parseList(reader: CommandReader, utf8: boolean): ListCommand {
  reader.expectSpace();
  const select = reader.peek() === 0x28 ? parseSelectOptions(reader) : undefined;
  if (select !== undefined) reader.expectSpace();
  const reference = parseListText(reader.expectAstring('a reference name'), utf8);
  reader.expectSpace();
  const patterns: string[] = [];
  const pattern = (): void => {
    if (patterns.length === maxListPatterns) {
      throw new ImapSyntaxError(`LIST takes at most ${maxListPatterns} patterns`, { status: 'NO', code: 'LIMIT' });
    }
    patterns.push(parseListText(reader.expectListMailbox('a mailbox pattern'), utf8));
  };
  if (reader.peek() === 0x28) reader.expectList(pattern, 'mailbox patterns');
  else pattern();
  let returned: ListReturn | undefined;
  if (reader.space() && reader.peek() !== -1) {
    if (reader.keyword() !== 'RETURN') reader.fail('RETURN');
    reader.expectSpace();
    returned = parseReturnOptions(reader);
  }
  return { kind: 'list', reference, patterns, select, return: returned };
}

function parseSelectOptions(reader: CommandReader): ListSelect {
  const options = { subscribed: false, remote: false, recursiveMatch: false, specialUse: false };
  reader.expectList(
    () => {
      const name = reader.expectKeyword('a selection option');
      if (name === 'SUBSCRIBED') options.subscribed = true;
      else if (name === 'REMOTE') options.remote = true;
      else if (name === 'RECURSIVEMATCH') options.recursiveMatch = true;
      else if (name === 'SPECIAL-USE') options.specialUse = true;
      // RFC 5258 3: an option that is not known is answered with BAD.
      else throw new ImapSyntaxError(`Unknown LIST selection option ${name.slice(0, 40)}`);
    },
    'selection options',
    { empty: true },
  );
  // RFC 9051 6.3.9.1: it modifies another option; alone or with REMOTE only it is an error.
  if (options.recursiveMatch && !options.subscribed && !options.specialUse) {
    throw new ImapSyntaxError('RECURSIVEMATCH needs SUBSCRIBED or SPECIAL-USE');
  }
  return options;
}

function parseReturnOptions(reader: CommandReader): ListReturn {
  const options = { subscribed: false, children: false, specialUse: false };
  let status: StatusItem[] | undefined;
  reader.expectList(
    () => {
      const name = reader.expectKeyword('a return option');
      if (name === 'SUBSCRIBED') options.subscribed = true;
      else if (name === 'CHILDREN') options.children = true;
      else if (name === 'SPECIAL-USE') options.specialUse = true;
      else if (name === 'STATUS') {
        reader.expectSpace();
        status = parseStatusItems(reader);
      } else throw new ImapSyntaxError(`Unknown LIST return option ${name.slice(0, 40)}`);
    },
    'return options',
    { empty: true },
  );
  return { ...options, status };
}

/** After `LSUB`: SP mailbox SP list-mailbox. */
export function parseLsub(reader: CommandReader, utf8: boolean): LsubCommand {
  reader.expectSpace();
  const reference = parseListText(reader.expectAstring('a reference name'), utf8);
  reader.expectSpace();
  return { kind: 'lsub', reference, pattern: parseListText(reader.expectListMailbox('a mailbox pattern'), utf8) };
}
