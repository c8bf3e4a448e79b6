/**
 * Charsets of SEARCH (RFC 9051 6.4.4: US-ASCII and UTF-8 are required). The others are those that French mail of the last
 * thirty years was written in.
 */
import { isAscii } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

const labels: ReadonlyMap<string, string> = new Map([
  ['US-ASCII', 'ascii'],
  ['UTF-8', 'utf-8'],
  ['ISO-8859-1', 'windows-1252'],
  ['ISO-8859-15', 'iso-8859-15'],
  ['WINDOWS-1252', 'windows-1252'],
]);

/** Turns a search string's octets into text. Throws ImapSyntaxError if they are not of the charset. */
export type DecodeText = (octets: Buffer) => string;

export const decodeAsUtf8: DecodeText = decoderOf('utf-8', 'UTF-8');

function decoderOf(label: string, name: string): DecodeText {
  const decoder = label === 'ascii' ? undefined : new TextDecoder(label, { fatal: true, ignoreBOM: true });
  return (octets) => {
    if (isAscii(octets)) return octets.toString('latin1');
    try {
      if (decoder !== undefined) return decoder.decode(octets);
    } catch {
      // Said below.
    }
    throw new ImapSyntaxError(`The search string is not ${name}`);
  };
}

/** RFC 9051 6.4.4: a charset that is not supported is answered with NO [BADCHARSET (those that are)]. */
export function charsetDecoder(charset: string): DecodeText {
  const name = charset.toUpperCase();
  const label = labels.get(name === 'ASCII' ? 'US-ASCII' : name);
  if (label === undefined) {
    throw new ImapSyntaxError('The charset is not supported', {
      status: 'NO',
      code: `BADCHARSET (${[...labels.keys()].join(' ')})`,
    });
  }
  return decoderOf(label, name);
}
