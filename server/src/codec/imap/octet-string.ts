/**
 * Strings for output, as *octet strings*: one char an octet (Latin-1), which is what a connection writes. Text that is not
 * ASCII becomes UTF-8 octets first.
 */

/** True if the octets can stand between quotes (RFC 9051 9, `quoted`): no NUL, CR or LF. */
function quotable(octets: string): boolean {
  for (let i = 0; i < octets.length; i++) {
    const code = octets.charCodeAt(i);
    if (code === 0 || code === 0x0a || code === 0x0d || code > 0x7e) return false;
  }
  return true;
}

/** Between quotes, `"` and `\` escaped. For what is known to hold no NUL, CR or LF. */
export function quotedOctets(octets: string): string {
  if (!octets.includes('"') && !octets.includes('\\')) return `"${octets}"`;
  return `"${octets.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** string: quoted if the text is short printable ASCII, else a literal of its UTF-8. */
export function stringOctets(text: string): string {
  const octets = Buffer.from(text).toString('latin1');
  return octets.length <= 1000 && quotable(octets) ? quotedOctets(octets) : `{${octets.length}}\r\n${octets}`;
}

export function nstringOctets(text: string | null | undefined): string {
  return text === null || text === undefined ? 'NIL' : stringOctets(text);
}

/** Human text of a response (RFC 9051 9, `text`): no CR, LF or NUL; other octets as UTF-8. Never empty: some clients choke. */
export function textOctets(text: string): string {
  let clean = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    clean += code < 0x20 || code === 0x7f ? ' ' : text[i];
  }
  return clean === '' ? 'Done' : Buffer.from(clean).toString('latin1');
}
