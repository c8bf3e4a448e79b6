/**
 * Reads one command (RFC 9051 9, `command`). Throws ImapSyntaxError and nothing else, with the tag when it was readable.
 * APPEND is not among them: its messages are not held in memory, see framing.ts.
 */
import { parseAppendStart } from './append.js';
import { parseAuthenticate, parseLogin } from './authenticate.js';
import type { ImapCommand, TaggedCommand } from './command.js';
import { parseCopy, parseUidExpunge } from './copy.js';
import { parseEnable } from './enable.js';
import { parseFetch } from './fetch.js';
import type { CommandText } from './framing.js';
import { parseId } from './id.js';
import { parseList, parseLsub } from './list.js';
import { parseCreate, parseMailboxCommand, parseRename } from './mailbox-command.js';
import { parseGetQuota, parseSetQuota } from './quota.js';
import { CommandReader } from './reader.js';
import { parseSearch } from './search.js';
import { parseSelect } from './select.js';
import { parseStatus } from './status.js';
import { parseStore } from './store.js';
import { ImapSyntaxError } from './syntax-error.js';

export interface ParseOptions {
  /** Mailbox names are UTF-8 (ENABLE IMAP4rev2 or UTF8=ACCEPT), not modified UTF-7. */
  readonly utf8: boolean;
}

/** Reads the arguments, the space before them included; the end of the command is checked after it. */
type ArgumentParser = (reader: CommandReader, utf8: boolean) => ImapCommand;

const commands: ReadonlyMap<string, ArgumentParser> = new Map<string, ArgumentParser>([
  ['CAPABILITY', () => ({ kind: 'capability' })],
  ['NOOP', () => ({ kind: 'noop' })],
  ['LOGOUT', () => ({ kind: 'logout' })],
  ['STARTTLS', () => ({ kind: 'starttls' })],
  ['NAMESPACE', () => ({ kind: 'namespace' })],
  ['IDLE', () => ({ kind: 'idle' })],
  ['CHECK', () => ({ kind: 'check' })],
  ['CLOSE', () => ({ kind: 'close' })],
  ['UNSELECT', () => ({ kind: 'unselect' })],
  ['EXPUNGE', () => ({ kind: 'expunge' })],
  ['ID', parseId],
  ['AUTHENTICATE', parseAuthenticate],
  ['LOGIN', parseLogin],
  ['ENABLE', parseEnable],
  ['SELECT', (reader, utf8) => parseSelect(reader, utf8, false)],
  ['EXAMINE', (reader, utf8) => parseSelect(reader, utf8, true)],
  ['CREATE', parseCreate],
  ['DELETE', (reader, utf8) => parseMailboxCommand(reader, utf8, 'delete')],
  ['SUBSCRIBE', (reader, utf8) => parseMailboxCommand(reader, utf8, 'subscribe')],
  ['UNSUBSCRIBE', (reader, utf8) => parseMailboxCommand(reader, utf8, 'unsubscribe')],
  ['GETQUOTAROOT', (reader, utf8) => parseMailboxCommand(reader, utf8, 'getQuotaRoot')],
  ['RENAME', parseRename],
  ['LIST', parseList],
  ['LSUB', parseLsub],
  ['STATUS', parseStatus],
  ['GETQUOTA', parseGetQuota],
  ['SETQUOTA', parseSetQuota],
  ['SEARCH', (reader) => parseSearch(reader, false)],
  ['FETCH', (reader) => parseFetch(reader, false)],
  ['STORE', (reader) => parseStore(reader, false)],
  ['COPY', (reader, utf8) => parseCopy(reader, utf8, 'copy', false)],
  ['MOVE', (reader, utf8) => parseCopy(reader, utf8, 'move', false)],
  ['UID', parseUid],
  // Only one that announces no message comes here: framing.ts takes the others.
  ['APPEND', parseBrokenAppend],
]);

const uidCommands: ReadonlyMap<string, ArgumentParser> = new Map<string, ArgumentParser>([
  ['SEARCH', (reader) => parseSearch(reader, true)],
  ['FETCH', (reader) => parseFetch(reader, true)],
  ['STORE', (reader) => parseStore(reader, true)],
  ['COPY', (reader, utf8) => parseCopy(reader, utf8, 'copy', true)],
  ['MOVE', (reader, utf8) => parseCopy(reader, utf8, 'move', true)],
  ['EXPUNGE', parseUidExpunge],
]);

function parseUid(reader: CommandReader, utf8: boolean): ImapCommand {
  reader.expectSpace();
  return dispatch(reader, utf8, uidCommands, 'UID ');
}

function parseBrokenAppend(reader: CommandReader, utf8: boolean): never {
  parseAppendStart(reader, '', utf8);
  return reader.fail('the literal of a message');
}

function dispatch(
  reader: CommandReader,
  utf8: boolean,
  table: ReadonlyMap<string, ArgumentParser>,
  prefix: string,
): ImapCommand {
  const name = reader.expectKeyword('a command');
  const parse = table.get(name);
  if (parse === undefined) {
    throw new ImapSyntaxError(`Unknown command ${prefix}${name.slice(0, 40)}`, { unknownCommand: true });
  }
  return parse(reader, utf8);
}

export function parseCommand(text: CommandText, options: ParseOptions): TaggedCommand {
  const reader: CommandReader = new CommandReader(text);
  const tag = reader.tag();
  try {
    if (tag === undefined) reader.fail('a tag');
    reader.expectSpace();
    const command = dispatch(reader, options.utf8, commands, '');
    reader.expectEnd();
    return { tag, command };
  } catch (error) {
    if (error instanceof ImapSyntaxError) error.tag = tag;
    throw error;
  }
}

/** The tag that a line begins with, for an answer to what could not be read (a line that is too long). */
export function tagOf(line: Buffer): string | undefined {
  const reader = new CommandReader({ lines: [line], literals: [] });
  const tag = reader.tag();
  return tag !== undefined && reader.space() ? tag : undefined;
}
