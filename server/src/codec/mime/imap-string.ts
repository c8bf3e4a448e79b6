/**
 * Header octets as IMAP sends them inside ENVELOPE and BODYSTRUCTURE (RFC 9051 4.3, RFC 3501 4.3): quoted when every octet
 * is printable 7-bit, else a literal. Both forms are valid for every session: a quoted string with UTF-8 is only for
 * clients that enabled rev2 or UTF8=ACCEPT, and octets in a literal need no such promise. Encoded words stay as they are.
 */
import type { BinaryString } from './header-fields.js';

/** Some clients limit the length of a line but not of a literal. */
const maxQuoted = 1_000;

/** nstring. A NUL cannot stand in a string (RFC 9051 9, CHAR8): it becomes a question mark. */
export function nstring(text: BinaryString | undefined): BinaryString {
  return text === undefined ? 'NIL' : imapString(text);
}

export function imapString(text: BinaryString): BinaryString {
  const length = text.length;
  let escapes = false;
  let nul = false;
  let plain = length <= maxQuoted;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34 || c === 92) escapes = true;
    else if (c < 32 || c > 126) {
      if (c === 0) nul = true;
      if (c !== 9) plain = false;
    }
  }
  if (!plain) return `{${length}}\r\n${nul ? text.split('\0').join('?') : text}`;
  return escapes ? `"${escaped(text)}"` : `"${text}"`;
}

function escaped(text: BinaryString): BinaryString {
  let out = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c !== 34 && c !== 92) continue;
    out += `${text.slice(from, i)}\\`;
    from = i;
  }
  return out + text.slice(from);
}
