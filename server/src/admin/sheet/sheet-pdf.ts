/**
 * One page to print for somebody new: address, last day, the web with a picture to scan, and the values for a mail program. No
 * password: paper lies around. A4, the fonts every reader of PDF has (WinAnsi, which French fits in).
 */

import type { MailDoor, MailDoors } from '@vaguemestre/shared/mail-doors';
import type { Lang } from '@vaguemestre/shared/people';
import PDFDocument from 'pdfkit';
import encodeQR from 'qr';
import type { TimeZone } from '../../kernel/calendar.js';
import { sheetWords } from './sheet-words.js';

export interface Sheet {
  readonly lang: Lang;
  readonly domain: string;
  readonly host: string;
  readonly address: string;
  readonly name: string;
  /** The end of the last day on which they may log in, where this machine is. */
  readonly expires?: Date;
  readonly timeZone: TimeZone;
  readonly sponsor?: { readonly name: string; readonly address: string };
  readonly doors: MailDoors;
  /** Undefined: no webmail for them. */
  readonly web: string | undefined;
  readonly sendsFromLaboratoryOnly: boolean;
}

const ink = '#171c20';
const pale = '#56616b';
const accent = '#135d7a';
const line = '#d8dee3';
const margin = 56;
const width = 595.28 - 2 * margin;
const qrPoints = 110;

export async function sheetPdf(sheet: Sheet): Promise<Buffer> {
  const words = sheetWords[sheet.lang];
  const pdf = new PDFDocument({
    size: 'A4',
    margin,
    lang: words.locale,
    info: { Title: `${words.title} - ${sheet.address}`, Author: sheet.domain },
  });
  const whole = gathered(pdf);
  const text = (content: string, size: number, color = ink, bold = false) =>
    pdf
      .font(bold ? 'Helvetica-Bold' : 'Helvetica')
      .fontSize(size)
      .fillColor(color)
      .text(content, margin, pdf.y, { width });
  const heading = (content: string): void => {
    pdf.moveDown(1.2);
    pdf
      .moveTo(margin, pdf.y)
      .lineTo(margin + width, pdf.y)
      .lineWidth(0.8)
      .strokeColor(line)
      .stroke();
    pdf.moveDown(0.8);
    text(content, 14, accent, true);
    pdf.moveDown(0.3);
  };
  const field = (name: string, value: string): void => {
    const top = pdf.y;
    pdf.font('Helvetica').fontSize(10.5).fillColor(pale).text(name, margin, top, { width: 130 });
    const bottom = pdf.y;
    pdf
      .font('Helvetica-Bold')
      .fillColor(ink)
      .text(value, margin + 140, top, { width: width - 140 });
    pdf.y = Math.max(bottom, pdf.y) + 3;
  };

  text(words.title, 26, accent, true);
  text(words.service(sheet.domain), 11, pale);
  pdf.moveDown(1.2);
  const name = inWinAnsi(sheet.name);
  if (name !== '') text(name, 16, ink, true);
  pdf.moveDown(0.5);
  field(words.address, sheet.address);
  if (sheet.expires !== undefined) {
    field(
      words.lastDay,
      new Intl.DateTimeFormat(words.locale, { dateStyle: 'long', timeZone: sheet.timeZone }).format(sheet.expires),
    );
  }
  if (sheet.sponsor !== undefined) {
    const sponsor = inWinAnsi(sheet.sponsor.name);
    field(words.sponsor, sponsor === '' ? sheet.sponsor.address : `${sponsor}, ${sheet.sponsor.address}`);
  }

  if (sheet.web !== undefined) {
    heading(words.web);
    const top = pdf.y;
    drawQr(pdf, sheet.web, margin + width - qrPoints, top);
    pdf
      .font('Helvetica')
      .fontSize(10.5)
      .fillColor(ink)
      .text(words.webHint, margin, top, { width: width - qrPoints - 24 });
    pdf.moveDown(0.6);
    pdf
      .font('Helvetica-Bold')
      .fontSize(13)
      .text(sheet.web, margin, pdf.y, { width: width - qrPoints - 24, link: sheet.web });
    pdf.y = Math.max(pdf.y, top + qrPoints);
  }

  if (sheet.doors.incoming.length > 0) {
    heading(words.program);
    text(words.programHint, 10.5);
    for (const door of [...sheet.doors.incoming, ...sheet.doors.outgoing]) {
      pdf.moveDown(0.8);
      text(titleOf(door, words), 11.5, ink, true);
      pdf.moveDown(0.3);
      field(words.server, sheet.host);
      field(words.port, String(door.port));
      field(words.security, words.securities[door.security]);
      field(words.userName, sheet.address);
      const note =
        door.type === 'pop3'
          ? words.keeps
          : door.type === 'smtp' && sheet.sendsFromLaboratoryOnly
            ? words.laboratoryOnly
            : '';
      if (note !== '') text(note, 10, pale);
    }
  }

  heading(words.password);
  text(words.passwordHint, 10.5);
  pdf.end();
  return await whole;
}

const titleOf = ({ type }: MailDoor, words: (typeof sheetWords)[Lang]): string =>
  type === 'smtp' ? words.sends : words.reads[type];

/** A name as these fonts can write it: without accents they lack, and not at all in another script. The address stands beside it. */
function inWinAnsi(name: string): string {
  const able = /^[\u0020-\u007e\u00a0-\u00ffŒœŠšŸŽž’–—]*$/;
  const written = [...name.normalize('NFC')].map((one) => {
    if (able.test(one)) return one;
    return strokes[one] ?? one.normalize('NFD').replaceAll(/\p{M}/gu, '');
  });
  return able.test(written.join('')) ? written.join('') : '';
}

/** Letters that are no base letter with an accent. */
const strokes: Readonly<Record<string, string>> = { Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', ı: 'i' };

/** Squares, so that it prints sharp at any size. */
function drawQr(pdf: PDFKit.PDFDocument, content: string, left: number, top: number): void {
  const rows = encodeQR(content, 'raw', { ecc: 'medium', border: 1 });
  const side = qrPoints / rows.length;
  for (const [y, row] of rows.entries()) {
    for (const [x, dark] of row.entries()) {
      // A hair wider than it is: viewers draw seams between squares that only touch.
      if (dark) pdf.rect(left + x * side, top + y * side, side + 0.05, side + 0.05);
    }
  }
  pdf.fillColor('#000000').fill();
}

function gathered(pdf: PDFKit.PDFDocument): Promise<Buffer> {
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on('data', (part: Buffer) => parts.push(part));
    pdf.on('end', () => resolve(Buffer.concat(parts)));
    pdf.on('error', reject);
  });
}
