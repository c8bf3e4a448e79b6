import { parseMailboxName } from './mailbox-name.js';
import type { CommandReader } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

/** RFC 9051 6.3.11, RFC 3501 (RECENT), RFC 7162 (HIGHESTMODSEQ), RFC 7889 (APPENDLIMIT), RFC 8474 (MAILBOXID). */
export type StatusItem =
  | 'messages'
  | 'recent'
  | 'uidNext'
  | 'uidValidity'
  | 'unseen'
  | 'deleted'
  | 'size'
  | 'highestModseq'
  | 'appendLimit'
  | 'mailboxId';

export interface StatusCommand {
  readonly kind: 'status';
  readonly mailbox: string;
  /** In the order asked for, without repetitions, at least one. */
  readonly items: readonly StatusItem[];
}

const statusItems: ReadonlyMap<string, StatusItem> = new Map([
  ['MESSAGES', 'messages'],
  ['RECENT', 'recent'],
  ['UIDNEXT', 'uidNext'],
  ['UIDVALIDITY', 'uidValidity'],
  ['UNSEEN', 'unseen'],
  ['DELETED', 'deleted'],
  ['SIZE', 'size'],
  ['HIGHESTMODSEQ', 'highestModseq'],
  ['APPENDLIMIT', 'appendLimit'],
  ['MAILBOXID', 'mailboxId'],
]);

/** `(` status-att *(SP status-att) `)`: of STATUS, and of LIST RETURN (STATUS ...). */
export function parseStatusItems(reader: CommandReader): StatusItem[] {
  const items = new Set<StatusItem>();
  reader.expectList(() => {
    const name = reader.expectKeyword('a STATUS data item');
    const item = statusItems.get(name);
    if (item === undefined) throw new ImapSyntaxError(`Unknown STATUS data item ${name.slice(0, 40)}`);
    items.add(item);
  }, 'STATUS data items');
  return [...items];
}

/** After `STATUS`: SP mailbox SP items. */
export function parseStatus(reader: CommandReader, utf8: boolean): StatusCommand {
  reader.expectSpace();
  const mailbox = parseMailboxName(reader.expectAstring('a mailbox name'), utf8);
  reader.expectSpace();
  return { kind: 'status', mailbox, items: parseStatusItems(reader) };
}
