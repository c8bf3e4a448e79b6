/** COPY, MOVE (RFC 9051 6.4.7, 6.4.8) and UID EXPUNGE (6.4.9). */
import type { CopyCommand, UidExpungeCommand } from './command.js';
import { parseMailboxName } from './mailbox-name.js';
import type { CommandReader } from './reader.js';
import { parseSequenceSet } from './sequence-set.js';

/** SP sequence-set SP mailbox. */
export function parseCopy(reader: CommandReader, utf8: boolean, kind: CopyCommand['kind'], uid: boolean): CopyCommand {
  reader.expectSpace();
  const set = parseSequenceSet(reader);
  reader.expectSpace();
  return { kind, uid, set, mailbox: parseMailboxName(reader.expectAstring('a mailbox name'), utf8) };
}

/** SP sequence-set. */
export function parseUidExpunge(reader: CommandReader): UidExpungeCommand {
  reader.expectSpace();
  return { kind: 'uidExpunge', set: parseSequenceSet(reader) };
}
