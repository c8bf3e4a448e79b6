import { hash32, letters, pick, type Random, randomOf } from './random.js';
import { dayNames, englishWords, firstNames, frenchWords, hosts, lastNames, monthNames } from './words.js';

/** MIME parts of bench mail. All strings here are binary: one character is one octet. */
export interface Part {
  readonly header: string;
  readonly body: string;
}

const octetsOf = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const latin1Of = (text: string) => text.replace(/[\u0100-\uffff]/g, '?');
const isAscii = (text: string) => /^[\x20-\x7e]*$/.test(text);
const twoDigits = (n: number) => (n < 10 ? `0${n}` : `${n}`);
const hex = (c: number) => `=${c < 16 ? '0' : ''}${c.toString(16).toUpperCase()}`;

function base64Lines(octets: Buffer): string {
  const text = octets.toString('base64');
  let lines = '';
  for (let i = 0; i < text.length; i += 76) lines += `${text.slice(i, i + 76)}\r\n`;
  return lines;
}

function quotedPrintable(octets: string): string {
  return octets
    .split('\r\n')
    .map((line) => {
      let out = '';
      let column = 0;
      for (let i = 0; i < line.length; i++) {
        const c = line.charCodeAt(i);
        const plain = (c >= 33 && c <= 126 && c !== 61) || (c === 32 && i < line.length - 1);
        const token = plain ? line[i]! : hex(c);
        if (column + token.length > 73) {
          out += '=\r\n';
          column = 0;
        }
        out += token;
        column += token.length;
      }
      return out;
    })
    .join('\r\n');
}

/** RFC 2047; every second one in UTF-8 base64, the others in ISO-8859-1 Q. */
export function encodedWord(text: string, random: Random): string {
  if (isAscii(text)) return text;
  const chunks: string[] = [];
  for (let k = 0; k < text.length; k += 20) chunks.push(text.slice(k, k + 20));
  const utf8 = random() < 0.5;
  return chunks
    .map((chunk) => {
      if (utf8) return `=?UTF-8?B?${Buffer.from(chunk, 'utf8').toString('base64')}?=`;
      let out = '=?ISO-8859-1?Q?';
      for (const c of Buffer.from(latin1Of(chunk), 'latin1')) {
        const plain = (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
        out += plain ? String.fromCharCode(c) : c === 32 ? '_' : hex(c);
      }
      return `${out}?=`;
    })
    .join('\r\n ');
}

/** About `length` characters of words in lines of at most 70, with `extra` once at 60 %. */
export function prose(random: Random, length: number, french: boolean, extra?: string): string {
  const words = french ? frenchWords : englishWords;
  let out = '';
  let line = '';
  let written = 0;
  let capital = true;
  let put = extra ? Math.trunc(length * 0.6) : -1;
  while (written < length) {
    let word = pick(random, words);
    if (put >= 0 && written >= put) {
      word = extra!;
      put = -1;
    }
    if (capital) {
      word = word[0]!.toUpperCase() + word.slice(1);
      capital = false;
    }
    const x = random();
    if (x < 0.06) {
      word += '.';
      capital = true;
    } else if (x < 0.12) word += ',';
    if (line.length + word.length > 70) {
      out += `${line}\r\n`;
      written += line.length + 2;
      line = word;
      if (random() < 0.12) {
        out += '\r\n';
        written += 2;
      }
      if (random() < 0.01) out += '.. suite\r\n';
    } else line += (line ? ' ' : '') + word;
  }
  if (put >= 0) out += `${extra}\r\n`;
  return `${out}${line}\r\n`;
}

const quoted = (text: string) =>
  `${text
    .split('\r\n')
    .slice(0, -1)
    .map((line) => `> ${line}`)
    .join('\r\n')}\r\n`;

export type TextEncoding = '7bit' | '8bit' | 'latin1' | 'qp' | 'base64';

function encodedText(text: string, encoding: TextEncoding, subtype: string): Part {
  switch (encoding) {
    case '7bit':
      return {
        header: `Content-Type: text/${subtype}; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n`,
        body: latin1Of(text).replace(/[\x80-\xff]/g, 'e'),
      };
    case '8bit':
      return {
        header: `Content-Type: text/${subtype}; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n`,
        body: octetsOf(text),
      };
    case 'latin1':
      return {
        header: `Content-Type: text/${subtype}; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n`,
        body: latin1Of(text),
      };
    case 'qp':
      return {
        header: `Content-Type: text/${subtype}; charset="UTF-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n`,
        body: quotedPrintable(octetsOf(text)),
      };
    case 'base64':
      return {
        header: `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n`,
        body: base64Lines(Buffer.from(text, 'utf8')),
      };
  }
}

export function textPart(random: Random, length: number, rare?: string, forced?: TextEncoding): Part {
  const french = random() < 0.55;
  let text = prose(random, length, french, rare);
  if (random() < 0.35) text += `\r\nLe 3 mars, Anne a ecrit :\r\n${quoted(prose(random, length * 0.4, french))}`;
  const x = random();
  const natural: TextEncoding = french
    ? x < 0.35
      ? '8bit'
      : x < 0.6
        ? 'latin1'
        : x < 0.85
          ? 'qp'
          : 'base64'
    : x < 0.7
      ? '7bit'
      : 'qp';
  return encodedText(text, forced ?? natural, 'plain');
}

export function htmlPart(random: Random, length: number): Part {
  const french = random() < 0.55;
  const paragraphs = prose(random, length, french)
    .split('\r\n')
    .map((line) => (line ? `<p style="margin:0;font-family:Arial,sans-serif">${line}</p>` : '<br>'))
    .join('\r\n');
  const html = `<!DOCTYPE html>\r\n<html><head><meta charset="utf-8"><style>td{padding:4px}</style></head><body>\r\n<table><tr><td>\r\n${paragraphs}\r\n</td></tr></table>\r\n</body></html>\r\n`;
  return encodedText(html, random() < 0.6 ? 'qp' : random() < 0.5 ? '8bit' : 'base64', 'html');
}

export function multipart(random: Random, subtype: string, parts: readonly Part[], parameters = ''): Part {
  const boundary = `----=_Part_${letters(random, 16)}`;
  const preamble = subtype === 'mixed' ? 'This is a multi-part message in MIME format.\r\n' : '';
  const bodies = parts.map((part) => `--${boundary}\r\n${part.header}\r\n${part.body}`).join('\r\n');
  return {
    header: `Content-Type: multipart/${subtype};\r\n\tboundary="${boundary}"${parameters}\r\n`,
    body: `${preamble}${bodies}\r\n--${boundary}--\r\n`,
  };
}

export const blob = (() => {
  const octets = Buffer.alloc(1 << 18);
  const random = randomOf(42);
  for (let i = 0; i < octets.length; i += 4) octets.writeUInt32LE((random() * 4294967296) >>> 0, i);
  return octets;
})();

const attachmentKinds = [
  ['application/pdf', 'pdf'],
  ['image/jpeg', 'jpg'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/zip', 'zip'],
] as const;

export function attachment(random: Random, length: number): Part {
  const [type, extension] = pick(random, attachmentKinds);
  const name =
    random() < 0.5
      ? `filename="rapport-${letters(random, 4)}.${extension}"`
      : `filename*=UTF-8''pi%C3%A8ce%20jointe-${letters(random, 4)}.${extension}`;
  const at = Math.trunc(random() * (blob.length - length));
  return {
    header: `Content-Type: ${type};\r\n name="file.${extension}"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; ${name}\r\n`,
    body: base64Lines(blob.subarray(at, at + length)),
  };
}

export interface Person {
  name: string;
  address: string;
}

export function person(random: Random): Person {
  const first = pick(random, firstNames);
  const last = pick(random, lastNames);
  const local = `${first}.${last}`
    .normalize('NFD')
    .replace(/[^A-Za-z.]/g, '')
    .toLowerCase();
  return { name: `${first} ${last}`, address: `${local}@${pick(random, hosts)}` };
}

export function mailbox(who: Person, random: Random): string {
  if (!isAscii(who.name)) return `${encodedWord(who.name, random)} <${who.address}>`;
  return random() < 0.5 ? `"${who.name}" <${who.address}>` : `${who.name} <${who.address}>`;
}

/** Two years of dates, evenly spread over `count` messages, as RFC 5322 and as IMAP write them. */
export function dateOf(index: number, count: number): { readonly rfc5322: string; readonly imap: string } {
  const seconds = 1672567200 + index * Math.floor(63072000 / Math.min(count, 1e5)) + (hash32(`d${index}`) % 300);
  const date = new Date(seconds * 1000);
  const month = monthNames[date.getUTCMonth()]!;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':');
  const year = date.getUTCFullYear();
  return {
    rfc5322: `${dayNames[date.getUTCDay()]!}, ${date.getUTCDate()} ${month} ${year} ${time} +0000`,
    imap: `${String(date.getUTCDate()).padStart(2, ' ')}-${month}-${year} ${time} +0000`,
  };
}
