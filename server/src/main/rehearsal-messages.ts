/** Messages of the kinds that come every day, made up: what their reading costs does not hang on what they say. */

const words = (
  'réunion budget laboratoire thèse colloque résultats séminaire dossier rapport mission commande capteur mesure article ' +
  'deadline meeting draft review figure simulation dataset workshop committee schedule travel invoice sample protocol'
).split(' ');

function sentence(seed: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += `${i === 0 ? '' : ' '}${words[(seed * 7 + i * i + i * 3) % words.length]!}`;
  return text;
}

function paragraphs(seed: number, lines: number): string {
  let text = '';
  for (let i = 0; i < lines; i++) text += `${sentence(seed + i, 9)}.\r\n${i % 7 === 6 ? '\r\n' : ''}`;
  return text;
}

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function quotedPrintable(text: string): string {
  let encoded = '';
  let column = 0;
  for (const octet of Buffer.from(text)) {
    const plain = (octet >= 0x20 && octet < 0x7f && octet !== 0x3d) || octet === 0x0d || octet === 0x0a;
    const shown = plain ? String.fromCharCode(octet) : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    column = octet === 0x0a ? 0 : column + shown.length;
    encoded += shown;
    if (column > 70) {
      encoded += '=\r\n';
      column = 0;
    }
  }
  return encoded;
}

const base64 = (octets: Buffer): string => `${octets.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`;
const encodedWord = (text: string): string => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

function head(seed: number, subject: string, type: string): string {
  const date = new Date(Date.UTC(2026, seed % 12, 1 + (seed % 28), seed % 24, seed % 60));
  const references = Array.from({ length: seed % 5 }, (_, i) => `<r${seed}.${i}@example.org>`);
  return [
    `Received: from mx.example.org (mx.example.org [192.0.2.${seed % 250}]) by relay.example.org with ESMTPS id ${seed};`,
    ` ${date.toUTCString().replace('GMT', '+0000')}`,
    `Date: ${date.toUTCString().replace('GMT', '+0100')}`,
    `From: ${encodedWord('Hélène Lefèvre')} <helene${seed}@example.org>`,
    `To: "Martin, Paul" <paul@example.org>, ${sentence(seed, 1).replace(/[^a-z]/g, 'x')}@example.net`,
    `Cc: Équipe <equipe@example.org>`,
    `Subject: ${subject}`,
    `Message-ID: <m${seed}.${seed * 7919}@example.org>`,
    ...(references.length === 0
      ? []
      : [`In-Reply-To: ${references.at(-1)}`, `References: ${references.join('\r\n ')}`]),
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
    'X-Mailer: rehearsal',
    '',
  ].join('\r\n');
}

function plain(seed: number): string {
  const type = 'text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit';
  return utf8(`${head(seed, sentence(seed, 6), type)}\r\n${paragraphs(seed, 50)}`);
}

function oldFashioned(seed: number): string {
  const type = 'text/plain; charset=iso-8859-1; format=flowed';
  return `${head(seed, encodedWord(sentence(seed, 5)), type)}\r\n${paragraphs(seed, 40)}`;
}

function alternative(seed: number): string {
  const html = `<html><body style="margin:0"><p>${paragraphs(seed, 25).replaceAll('\r\n\r\n', '</p><p>')}</p></body></html>`;
  const part = (type: string, body: string): string =>
    `--b${seed}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quotedPrintable(body)}\r\n`;
  const top = utf8(head(seed, encodedWord(sentence(seed, 7)), `multipart/alternative; boundary="b${seed}"`));
  return `${top}\r\n${part('text/plain', paragraphs(seed, 20))}${part('text/html', html)}--b${seed}--\r\n`;
}

function withAttachment(seed: number): string {
  const top = utf8(head(seed, `Re: ${sentence(seed, 4)}`, `multipart/mixed; boundary="m${seed}"`));
  const text = `--m${seed}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${utf8(paragraphs(seed, 15))}`;
  const file =
    `--m${seed}\r\nContent-Type: application/pdf; name="rapport.pdf"\r\nContent-Transfer-Encoding: base64\r\n` +
    `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(`rapport ${seed} é.pdf`)}\r\n\r\n`;
  return `${top}\r\n${text}${file}${base64(Buffer.from(paragraphs(seed, 30)))}--m${seed}--\r\n`;
}

/** In octets, lines ended by CRLF. */
export function rehearsalMessages(): readonly Buffer[] {
  const kinds = [plain, alternative, oldFashioned, withAttachment];
  return Array.from({ length: 32 }, (_, seed) => Buffer.from(kinds[seed % kinds.length]!(seed), 'latin1'));
}
