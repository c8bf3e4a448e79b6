/**
 * Mailbox names: from the octets of a command to the path the store knows, and back. Levels are joined by `/`; paths are
 * UTF-8 in NFC; INBOX, alone or as first level, is without case (RFC 9051 5.1). A name that breaks a rule is refused with NO
 * [CANNOT], never with a guess; a LIST pattern that breaks one matches nothing.
 */
import { maxMailboxNameBytes } from '../../kernel/limits.js';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.js';
import { quotedOctets } from './octet-string.js';
import { decodeUtf8 } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

export const delimiter = '/';

function cannot(text: string): ImapSyntaxError {
  return new ImapSyntaxError(text, { status: 'NO', code: 'CANNOT' });
}

/** What keeps a path from being a mailbox name, or undefined. */
export function nameFault(path: string): string | undefined {
  if (path === '') return 'A mailbox name cannot be empty';
  if (Buffer.byteLength(path) > maxMailboxNameBytes) return `A mailbox name has at most ${maxMailboxNameBytes} octets`;
  if (path.startsWith(delimiter) || path.endsWith(delimiter) || path.includes('//')) {
    return 'A mailbox name has no empty level';
  }
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    // RFC 9051 5.1: no C0, DEL or C1 control, no line or paragraph separator. U+FFFE and U+FFFF are no characters.
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029 || code >= 0xfffe) {
      return 'A mailbox name has no control characters';
    }
  }
  return undefined;
}

/** INBOX in capitals where it is the whole name or its first level. */
function normalizeInbox(path: string): string {
  if (path.length < 5 || (path.length > 5 && path[5] !== delimiter)) return path;
  return path.slice(0, 5).toUpperCase() === 'INBOX' ? `INBOX${path.slice(5)}` : path;
}

function decodeName(octets: Buffer, utf8: boolean): string | undefined {
  return (utf8 ? decodeUtf8(octets) : decodeModifiedUtf7(octets))?.normalize('NFC');
}

/** The path that `octets` name. With `trailing`, one final delimiter is dropped (CREATE, RFC 9051 6.3.4). */
export function parseMailboxName(octets: Buffer, utf8: boolean, options: { readonly trailing?: boolean } = {}): string {
  let path = decodeName(octets, utf8);
  if (path === undefined) throw cannot(`The mailbox name is not valid ${utf8 ? 'UTF-8' : 'modified UTF-7'}`);
  if (options.trailing === true && path.length > 1 && path.endsWith(delimiter)) path = path.slice(0, -1);
  const fault = nameFault(path);
  if (fault !== undefined) throw cannot(fault);
  return normalizeInbox(path);
}

/** No name can hold it: stands for what cannot be decoded. */
const nowhere = '\uffff';

/** Reference or pattern of LIST and LSUB. Never throws: what is no name matches none. Wildcards stand in both encodings as they are. */
export function parseListText(octets: Buffer, utf8: boolean): string {
  return decodeName(octets, utf8) ?? nowhere;
}

/** A name as it goes out: a quoted string, in octets (one char an octet). */
export function formatMailboxName(path: string, utf8: boolean): string {
  return quotedOctets(utf8 ? Buffer.from(path).toString('latin1') : encodeModifiedUtf7(path));
}
