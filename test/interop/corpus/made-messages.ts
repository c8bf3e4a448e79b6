import type { CorpusMessage } from '../../harness/corpus.js';

const crlf = (lines: readonly string[]) => Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const head = ['From: Zoé <zoe@elsewhere.example>', 'To: made@labo.example', 'Subject: essai'].map(utf8);

function nested(depth: number): string[] {
  const lines = [...head, 'MIME-Version: 1.0'];
  for (let i = 0; i < depth; i++) lines.push(`Content-Type: multipart/mixed; boundary="b${i}"`, '', `--b${i}`);
  lines.push('Content-Type: text/plain', '', 'au fond');
  for (let i = depth - 1; i >= 0; i--) lines.push(`--b${i}--`);
  return lines;
}

/** Messages of our own making: French, 8-bit headers, long lines, bare CRs, NULs, broken MIME, and one of 50 MB. */
export function madeMessages(): CorpusMessage[] {
  const made: Record<string, Buffer> = {
    french: crlf([
      ...head,
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      utf8('Réunion d’équipe à Noël : où êtes-vous ? « Œuvre »'),
    ]),
    'latin1 header without encoding': crlf(['From: Hélène <h@elsewhere.example>', 'Subject: été', '', 'corps']),
    'line of 100,000 octets': crlf([...head, '', 'x'.repeat(100_000)]),
    'header line of 100,000 octets': crlf([...head, `X-Long: ${'y'.repeat(100_000)}`, '', 'z']),
    'bare carriage returns': Buffer.from(`${head.join('\r\n')}\r\n\r\na\rb\rc\r\r\nd\r`, 'latin1'),
    '300 KB of carriage returns': Buffer.from(`${head.join('\r\n')}\r\n\r\n${'\r'.repeat(300_000)}\r\n`, 'latin1'),
    'bare line feeds': Buffer.from(`${head.join('\n')}\n\none\ntwo\r\nthree\n`, 'latin1'),
    'NUL octets': Buffer.from(`${head.join('\r\n')}\r\n\r\na\0b\0\0\r\n\0`, 'latin1'),
    'no header': crlf(['', 'only a body']),
    'no body': crlf(head),
    'no final line end': Buffer.from(`${head.join('\r\n')}\r\n\r\nno end`, 'latin1'),
    empty: Buffer.alloc(0),
    'one dot lines': crlf([...head, '', '.', '..', '...', '.x']),
    'not mail at all': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 31) & 0xff)),
    'depth 400': crlf(nested(400)),
    'no closing boundary': crlf([...head, 'Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'part']),
    'empty boundary': crlf([...head, 'Content-Type: multipart/mixed; boundary=""', '', '--', '', 'part', '----']),
    'boundary with blanks after it': crlf([
      ...head,
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b  \t',
      '',
      'p',
      '--b-- ',
    ]),
    '5,000 parts': crlf([
      ...head,
      'Content-Type: multipart/mixed; boundary=b',
      '',
      ...Array.from({ length: 5000 }, (_, i) => `--b\r\n\r\n${i}`),
      '--b--',
    ]),
    '16,000 addresses': crlf([
      `To: ${Array.from({ length: 16_000 }, (_, i) => `p${i}@labo.example`).join(',\r\n ')}`,
      ...head,
      '',
      'x',
    ]),
    'message in message in message': crlf([
      ...head,
      'Content-Type: message/rfc822',
      '',
      ...head,
      'Content-Type: message/rfc822',
      '',
      ...head,
      '',
      'inner',
    ]),
  };
  const line = `${'mail '.repeat(15)}\r\n`;
  made['50 MB'] = Buffer.concat([crlf([...head, '']), Buffer.from(line.repeat(Math.ceil(50_000_000 / line.length)))]);
  return Object.entries(made).map(([name, octets]) => ({ name, octets }));
}
