import type { Attachment } from './attachments.js';

/**
 * Writes a message as mail programs do, each in its way: UTF-8 in 8 bit, quoted-printable or base64, or Windows-1252 as old
 * programs have it; plain, with an HTML twin, with attachments (RFC 5322, 2045 to 2047, 2231).
 */
export interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly dateMs: number;
  readonly messageId: string;
  /** The last is what it answers. */
  readonly references?: readonly string[];
  /** Further fields, as they are. */
  readonly fields?: readonly string[];
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
  readonly style: LetterStyle;
}

export type LetterStyle = 'utf8' | 'quoted' | 'base64' | 'windows';

/** A mailbox: the name is encoded where it must be. */
export const mailbox = (name: string, address: string, style: LetterStyle = 'utf8'): string =>
  `${isAscii(name) ? name : encodedWords(name, style)} <${address}>`;

export function composeLetter(letter: Letter): Buffer {
  const { style, attachments = [], references = [] } = letter;
  const fields = [
    `Date: ${mailDate(letter.dateMs)}`,
    `From: ${letter.from}`,
    `To: ${letter.to.join(',\r\n ')}`,
    ...(letter.cc !== undefined && letter.cc.length > 0 ? [`Cc: ${letter.cc.join(',\r\n ')}`] : []),
    `Subject: ${isAscii(letter.subject) ? letter.subject : encodedWords(letter.subject, style)}`,
    `Message-ID: ${letter.messageId}`,
    ...(references.length > 0
      ? [`In-Reply-To: ${references.at(-1)}`, `References: ${references.slice(-8).join('\r\n ')}`]
      : []),
    ...(letter.fields ?? []),
    'MIME-Version: 1.0',
  ];
  const boundary = (name: string): string =>
    `=_${name}_${letter.messageId.slice(1, 17).replaceAll(/[^A-Za-z0-9]/g, '')}`;
  let body = textPart('plain', letter.text, style);
  if (letter.html !== undefined) {
    const both = [body, textPart('html', letter.html, style)];
    body = multipart('alternative', boundary('alt'), both);
  }
  if (attachments.length > 0) body = multipart('mixed', boundary('mix'), [body, ...attachments.map(attachedPart)]);
  return Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n`), body]);
}

function textPart(kind: 'plain' | 'html', text: string, style: LetterStyle): Buffer {
  const charset = style === 'windows' ? 'windows-1252' : 'utf-8';
  const lines = text.replaceAll('\n', '\r\n');
  const octets = style === 'windows' ? windows1252(lines) : Buffer.from(lines);
  if (isAscii(lines) && style !== 'base64') return part(`text/${kind}; charset=us-ascii`, '7bit', octets);
  const type = `text/${kind}; charset=${charset}${kind === 'plain' && style === 'utf8' ? '; format=flowed' : ''}`;
  if (style === 'utf8') return part(type, '8bit', octets);
  if (style === 'base64') return part(type, 'base64', base64Lines(octets));
  return part(type, 'quoted-printable', quotedPrintable(octets));
}

function attachedPart({ name, type, octets }: Attachment): Buffer {
  const disposition = isAscii(name) ? `filename="${name}"` : `filename*=utf-8''${encodeURIComponent(name)}`;
  return part(type, 'base64', base64Lines(octets), [`Content-Disposition: attachment;\r\n ${disposition}`]);
}

function part(type: string, encoding: string, octets: Buffer, more: readonly string[] = []): Buffer {
  const fields = [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, ...more];
  return Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n\r\n`), octets]);
}

function multipart(kind: string, boundary: string, parts: readonly Buffer[]): Buffer {
  const pieces: Buffer[] = [Buffer.from(`Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n`)];
  for (const one of parts) pieces.push(Buffer.from(`--${boundary}\r\n`), one, Buffer.from('\r\n'));
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

function base64Lines(octets: Buffer): Buffer {
  const text = octets.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += 76) lines.push(text.slice(at, at + 76));
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

function quotedPrintable(octets: Buffer): Buffer {
  const lines: string[] = [];
  for (const line of octets.toString('latin1').split('\r\n')) {
    let current = '';
    for (const character of line) {
      const code = character.charCodeAt(0);
      const plain = code >= 0x20 && code <= 0x7e && code !== 0x3d;
      const piece = plain ? character : `=${code.toString(16).toUpperCase().padStart(2, '0')}`;
      if (current.length + piece.length > 75) {
        lines.push(`${current}=`);
        current = '';
      }
      current += piece;
    }
    lines.push(current.endsWith(' ') ? `${current.slice(0, -1)}=20` : current);
  }
  return Buffer.from(lines.join('\r\n'));
}

/** RFC 2047: words of at most 75 octets, cut between characters. */
function encodedWords(text: string, style: LetterStyle): string {
  if (style === 'windows') {
    const words = [''];
    for (const character of text) {
      const octet = windows1252(character)[0] ?? 0x3f;
      const piece = /[A-Za-z0-9]/.test(character) ? character : character === ' ' ? '_' : `=${hex(octet)}`;
      if ((words.at(-1) ?? '').length + piece.length > 50) words.push('');
      words[words.length - 1] += piece;
    }
    return words.map((word) => `=?windows-1252?Q?${word}?=`).join('\r\n ');
  }
  const chunks: string[] = [];
  let current = '';
  for (const character of text) {
    if (Buffer.byteLength(current + character) > 42) {
      chunks.push(current);
      current = '';
    }
    current += character;
  }
  chunks.push(current);
  return chunks.map((chunk) => `=?utf-8?B?${Buffer.from(chunk).toString('base64')}?=`).join('\r\n ');
}

const hex = (octet: number): string => octet.toString(16).toUpperCase().padStart(2, '0');

/** What our texts use of the part that is not Latin-1. */
const windowsOnly: Readonly<Record<string, number>> = {
  '€': 0x80,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '–': 0x96,
  œ: 0x9c,
};

function windows1252(text: string): Buffer {
  return Buffer.from(
    [...text].map((character) => windowsOnly[character] ?? Math.min(character.codePointAt(0) ?? 0x3f, 255)),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant whole
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

const paris = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'longOffset',
});

/** RFC 5322 3.3, in the time of the laboratory. */
export function mailDate(ms: number): string {
  const parts = Object.fromEntries(paris.formatToParts(ms).map(({ type, value }) => [type, value]));
  const zone = (parts['timeZoneName'] ?? '').replace('GMT', '').replace(':', '') || '+0000';
  const month = (parts['month'] ?? '').slice(0, 3);
  return `${parts['weekday']}, ${parts['day']} ${month} ${parts['year']} ${parts['hour']}:${parts['minute']}:${parts['second']} ${zone}`;
}
