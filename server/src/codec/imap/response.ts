/**
 * Status responses, response codes and the mailbox data that is not written by the thousand (RFC 9051 7), as octet strings
 * with their CRLF, ready for a connection.
 */
import { delimiter, formatMailboxName } from './mailbox-name.js';
import { quotedOctets, textOctets } from './octet-string.js';
import { formatRanges, formatSet, type Ranges } from './sequence-set.js';
import type { StatusItem } from './status.js';

export type Status = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';

/** `A1 OK [READ-WRITE] Selected`; tag `*` for an untagged one. `code` without brackets. */
export function statusLine(tag: string, status: Status, text: string, code?: string): string {
  return code === undefined
    ? `${tag} ${status} ${textOctets(text)}\r\n`
    : `${tag} ${status} [${code}] ${textOctets(text)}\r\n`;
}

/** `+ text`: RFC 9051 7.6; never an empty text, which some clients cannot read. `base64` for SASL challenges goes as it is. */
export function continuation(text = 'Ready'): string {
  return `+ ${text}\r\n`;
}

export function enabledLine(capabilities: readonly string[]): string {
  return `* ENABLED${capabilities.map((name) => ` ${name}`).join('')}\r\n`;
}

export function flagsLine(flags: readonly string[]): string {
  return `* FLAGS (${flags.join(' ')})\r\n`;
}

/** With `\*` if new keywords may be made. */
export const permanentFlagsCode = (flags: readonly string[], more: boolean): string =>
  `PERMANENTFLAGS (${(more ? [...flags, '\\*'] : flags).join(' ')})`;

export const existsLine = (count: number): string => `* ${count} EXISTS\r\n`;
export const expungeLine = (sequence: number): string => `* ${sequence} EXPUNGE\r\n`;

/** RFC 7162 3.2.10. Empty for no ranges: nothing is to be said. */
export function vanishedLine(uids: Ranges, earlier: boolean): string {
  if (uids.length === 0) return '';
  return `* VANISHED ${earlier ? '(EARLIER) ' : ''}${formatRanges(uids)}\r\n`;
}

/** RFC 9051 7.1, UIDPLUS. `uids` ascending. */
export const appendUidCode = (uidValidity: number, uids: ArrayLike<number>): string =>
  `APPENDUID ${uidValidity} ${formatSet(uids)}`;

/** Pairwise: the source set and the target set are written in the same order, so both must ascend. */
export const copyUidCode = (uidValidity: number, from: ArrayLike<number>, to: ArrayLike<number>): string =>
  `COPYUID ${uidValidity} ${formatSet(from)} ${formatSet(to)}`;

/** RFC 7162 3.1.3: of STORE UNCHANGEDSINCE; UIDs or sequence numbers, as the command was. */
export const modifiedCode = (numbers: ArrayLike<number>): string => `MODIFIED ${formatSet(numbers)}`;

export interface ListLine {
  /** `\HasNoChildren`, `\Sent` ... */
  readonly attributes: readonly string[];
  readonly path: string;
  /** RFC 9051 6.3.9.6: selection options that children below met. */
  readonly childInfo?: readonly string[];
  readonly oldName?: string;
}

/** `* LIST (\HasNoChildren) "/" "name"` with its extended items; `LSUB` likewise. */
export function listLine(kind: 'LIST' | 'LSUB', line: ListLine, utf8: boolean): string {
  const extended: string[] = [];
  if (line.childInfo !== undefined) extended.push(`"CHILDINFO" (${line.childInfo.map(quotedOctets).join(' ')})`);
  if (line.oldName !== undefined) extended.push(`"OLDNAME" (${formatMailboxName(line.oldName, utf8)})`);
  const tail = extended.length === 0 ? '' : ` (${extended.join(' ')})`;
  const name = formatMailboxName(line.path, utf8);
  return `* ${kind} (${line.attributes.join(' ')}) "${delimiter}" ${name}${tail}\r\n`;
}

const statusNames: Readonly<Record<StatusItem, string>> = {
  messages: 'MESSAGES',
  recent: 'RECENT',
  uidNext: 'UIDNEXT',
  uidValidity: 'UIDVALIDITY',
  unseen: 'UNSEEN',
  deleted: 'DELETED',
  size: 'SIZE',
  highestModseq: 'HIGHESTMODSEQ',
  appendLimit: 'APPENDLIMIT',
  mailboxId: 'MAILBOXID',
};

/** `* STATUS "name" (MESSAGES 3 ...)`; a string is an object id (RFC 8474 4.3), undefined is NIL (RFC 7889). */
export function statusDataLine(
  path: string,
  values: readonly (readonly [StatusItem, number | string | undefined])[],
  utf8: boolean,
): string {
  const items = values.map(([item, value]) => {
    const text = value === undefined ? 'NIL' : typeof value === 'string' ? `(${value})` : `${value}`;
    return `${statusNames[item]} ${text}`;
  });
  return `* STATUS ${formatMailboxName(path, utf8)} (${items.join(' ')})\r\n`;
}

/** One personal namespace without prefix (RFC 9051 6.3.10). */
export const namespaceLine = `* NAMESPACE (("" "${delimiter}")) NIL NIL\r\n`;
