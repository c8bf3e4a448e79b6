/**
 * A password is text to the person and octets to the protocol; the same text must give the same octets whatever typed it
 * (macOS sends `é` as two code points, Eudora sends it as Windows-1252). Rules of the OpaqueString profile, RFC 8265 4.2:
 * NFC, every space a plain space, nothing else.
 */

/** Longer is refused unread: the hash would take it, but hashing megabytes for strangers is an attack. */
export const maxPasswordOctets = 1024;
/** NIST SP 800-63B asks for eight at least; length is what counts, so nothing else is asked. */
export const minPasswordCharacters = 8;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const windows1252 = new TextDecoder('windows-1252');

/** The octets that are hashed; undefined if the password cannot be one (empty, too long). */
export function preparePassword(octets: Uint8Array): Uint8Array | undefined {
  if (octets.length === 0 || octets.length > maxPasswordOctets) return undefined;
  if (octets.every((octet) => octet < 0x80)) return octets;
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch {
    text = windows1252.decode(octets);
  }
  return Buffer.from(text.normalize('NFC').replaceAll(/\p{Zs}/gu, ' '), 'utf8');
}
