import { crc32, deflateSync } from 'node:zlib';
import type { SeededChoice } from './seeded-choice.js';

/** Small files made on the spot, each a real one of its kind: mail programs open them. */
export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly octets: Buffer;
}

/** One page of text, PDF 1.4. */
export function pdfFile(name: string, lines: readonly string[]): Attachment {
  const text = lines.map((line) => `(${pdfText(line)}) Tj T*`).join('\n');
  const page = `BT /F1 12 Tf 16 TL 60 780 Td\n${text}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>',
    `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  let file = '%PDF-1.4\n';
  const places = objects.map((object, i) => {
    const place = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return { name, type: 'application/pdf', octets: Buffer.from(file, 'latin1') };
}

/** Parentheses and backslashes have a meaning, and WinAnsi ends at 255. */
const pdfText = (line: string): string =>
  line
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(/[^\x20-\xff]/g, '?')
    .replaceAll(/[\\()]/g, '\\$&');

/** A measured curve over a pale ground, 320 by 180. */
export function pngFile(name: string, choice: SeededChoice): Attachment {
  const width = 320;
  const height = 180;
  const [frequency, phase, noise] = [choice.integer(1, 5), choice.next() * 6, choice.integer(2, 14)];
  const rows = Buffer.alloc(height * (1 + width * 3), 0xf4);
  for (let y = 0; y < height; y++) rows[y * (1 + width * 3)] = 0;
  const ink = (x: number, y: number, red: number, green: number, blue: number): void => {
    if (y < 0 || y >= height) return;
    const at = y * (1 + width * 3) + 1 + x * 3;
    rows[at] = red;
    rows[at + 1] = green;
    rows[at + 2] = blue;
  };
  for (let x = 0; x < width; x++) {
    const wave = Math.sin((x / width) * frequency * 2 * Math.PI + phase);
    const y = Math.round(height / 2 - wave * 60 + (choice.next() - 0.5) * noise);
    for (let thick = 0; thick < 2; thick++) ink(x, y + thick, 0x1d, 0x5f, 0x8a);
    ink(x, height / 2, 0x90, 0x90, 0x90);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const octets = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
  return { name, type: 'image/png', octets };
}

function pngChunk(kind: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

export interface Meeting {
  readonly uid: string;
  readonly summary: string;
  readonly organizer: string;
  readonly attendees: readonly string[];
  readonly startMs: number;
}

/** RFC 5545, an hour long. */
export function icsFile(meeting: Meeting): Attachment {
  const stamp = (ms: number): string => `${new Date(ms).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
  const text = (value: string): string => value.replaceAll(/[\\;,]/g, '\\$&');
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//labo.example//demonstration//FR',
    'METHOD:REQUEST',
    'BEGIN:VEVENT',
    `UID:${meeting.uid}`,
    `DTSTAMP:${stamp(meeting.startMs - 3 * 24 * 3600_000)}`,
    `DTSTART:${stamp(meeting.startMs)}`,
    `DTEND:${stamp(meeting.startMs + 3600_000)}`,
    `SUMMARY:${text(meeting.summary)}`,
    `ORGANIZER:mailto:${meeting.organizer}`,
    ...meeting.attendees.map((address) => `ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:${address}`),
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  const octets = Buffer.from(`${lines.flatMap(foldIcs).join('\r\n')}\r\n`);
  return { name: 'invitation.ics', type: 'text/calendar; method=REQUEST; charset=utf-8', octets };
}

/** RFC 5545 3.1: at most 75 octets a line. */
function foldIcs(line: string): string[] {
  const lines: string[] = [];
  let current = '';
  for (const character of line) {
    if (Buffer.byteLength(current + character) > 73) {
      lines.push(current);
      current = ' ';
    }
    current += character;
  }
  return [...lines, current];
}

export function csvFile(name: string, choice: SeededChoice): Attachment {
  const rows = ['time_utc,depth_m,temperature_c,salinity'];
  for (let i = 0; i < choice.integer(40, 160); i++) {
    const minute = String(i % 60).padStart(2, '0');
    const values = [i * 2 + choice.next(), 18 - i * 0.08 + choice.next(), 34 + choice.next()];
    rows.push(
      `${String(6 + Math.floor(i / 60)).padStart(2, '0')}:${minute}:00,${values.map((one) => one.toFixed(2)).join(',')}`,
    );
  }
  return { name, type: 'text/csv; charset=us-ascii', octets: Buffer.from(`${rows.join('\r\n')}\r\n`) };
}
