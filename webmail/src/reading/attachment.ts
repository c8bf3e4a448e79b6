/**
 * What a file of a message is, judged by its name and declared type, and how it may be looked at here. Nothing of it is
 * ever opened as a page: a preview is an image, text, a message that goes through the cleaner, or a PDF in the browser's own
 * viewer; for those that need it the first octets must agree with what is claimed.
 */
import type { EmailBodyPart } from '@vaguemestre/shared/jmap/email';

export type FileKind =
  | 'image'
  | 'text'
  | 'table'
  | 'pdf'
  | 'mail'
  | 'archive'
  | 'sound'
  | 'film'
  | 'document'
  | 'other';

const byEnd: Readonly<Record<string, FileKind>> = {
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  avif: 'image',
  bmp: 'image',
  txt: 'text',
  md: 'text',
  log: 'text',
  tex: 'text',
  bib: 'text',
  json: 'text',
  xml: 'text',
  yaml: 'text',
  yml: 'text',
  py: 'text',
  c: 'text',
  h: 'text',
  cpp: 'text',
  f90: 'text',
  m: 'text',
  r: 'text',
  sh: 'text',
  js: 'text',
  ts: 'text',
  css: 'text',
  html: 'text',
  htm: 'text',
  svg: 'text',
  ics: 'text',
  vcf: 'text',
  ini: 'text',
  conf: 'text',
  patch: 'text',
  csv: 'table',
  tsv: 'table',
  dat: 'table',
  xls: 'table',
  xlsx: 'table',
  ods: 'table',
  pdf: 'pdf',
  eml: 'mail',
  zip: 'archive',
  gz: 'archive',
  tar: 'archive',
  tgz: 'archive',
  '7z': 'archive',
  rar: 'archive',
  xz: 'archive',
  bz2: 'archive',
  mp3: 'sound',
  wav: 'sound',
  ogg: 'sound',
  flac: 'sound',
  m4a: 'sound',
  mp4: 'film',
  avi: 'film',
  mov: 'film',
  mkv: 'film',
  webm: 'film',
  doc: 'document',
  docx: 'document',
  odt: 'document',
  ppt: 'document',
  pptx: 'document',
  odp: 'document',
  rtf: 'document',
};

export function fileKind(part: Pick<EmailBodyPart, 'name' | 'type'>): FileKind {
  const type = part.type.toLowerCase();
  if (type === 'message/rfc822') return 'mail';
  if (type === 'application/pdf') return 'pdf';
  if (type.startsWith('image/') && type !== 'image/svg+xml' && type !== 'image/tiff') return 'image';
  const name = part.name ?? '';
  const end = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const known = Object.hasOwn(byEnd, end) ? byEnd[end] : undefined;
  if (known) return known;
  if (type.startsWith('text/')) return 'text';
  if (type.startsWith('audio/')) return 'sound';
  return type.startsWith('video/') ? 'film' : 'other';
}

const maxPreviewSize: Readonly<Partial<Record<FileKind, number>>> = {
  image: 25_000_000,
  text: 2_000_000,
  table: 2_000_000,
  pdf: 30_000_000,
  mail: 10_000_000,
};
const textTables = /\.(?:csv|tsv|dat)$/i;

/** Whether it can be looked at here; else it can be kept. */
export function canPreview(part: Pick<EmailBodyPart, 'name' | 'type' | 'size'>, pdfViewer: boolean): boolean {
  const kind = fileKind(part);
  if (kind === 'pdf' && !pdfViewer) return false;
  if (kind === 'table' && !textTables.test(part.name ?? '') && !part.type.startsWith('text/')) return false;
  return part.size <= (maxPreviewSize[kind] ?? -1);
}

/** The type of an image or a PDF by its first octets; what is claimed does not count. */
export function sniffedType(octets: Uint8Array): string | undefined {
  const starts = (...signature: readonly number[]): boolean => signature.every((octet, at) => octets[at] === octet);
  const word = (at: number): string => String.fromCharCode(...octets.subarray(at, at + 4));
  if (starts(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (word(0) === 'GIF8') return 'image/gif';
  if (word(0) === 'RIFF' && word(8) === 'WEBP') return 'image/webp';
  if (word(4) === 'ftyp' && (word(8) === 'avif' || word(8) === 'avis')) return 'image/avif';
  if (starts(0x42, 0x4d)) return 'image/bmp';
  if (word(0) === '%PDF') return 'application/pdf';
  return undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const unwanted = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * A name that can be shown and kept: without characters that end a line, turn the reading direction around (RFC 2183 5 and
 * `exe.fdp` written backwards) or divide folders.
 */
export function fileName(part: Pick<EmailBodyPart, 'name' | 'type'>, fallback: string): string {
  const name = (part.name ?? '')
    .replace(unwanted, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .trim();
  const visible = name.replace(/^\.+/, '').slice(-180);
  if (visible !== '') return visible;
  return part.type.toLowerCase() === 'message/rfc822' ? `${fallback}.eml` : fallback;
}
