/**
 * Plain text as `format=flowed` (RFC 3676) and back: paragraphs are broken into lines that every program can show, and come
 * together again where the reader's window is. Quoted lines keep their marks, the line of the signature its space. DelSp is not
 * used. What comes back is what was written, but for spaces at the ends of lines.
 */
import type { TextFormat } from '../html/plain-text.js';

/** RFC 3676 4.2: lines of at most 78 characters; 72 leaves room for being quoted. */
const width = 72;
const signatureLine = '-- ';

interface Line {
  readonly marks: string;
  readonly content: string;
}

export function encodeFlowed(text: string): string {
  return text.replace(/\r\n?/g, '\n').split('\n').map(encodeLine).join('\n');
}

function encodeLine(line: string): string {
  const { marks, content } = readLine(line);
  if (content === signatureLine) return stuffed(marks, content);
  return broken(content.replace(/ +$/, ''), width - marks.length)
    .map((piece) => stuffed(marks, piece))
    .join('\n');
}

/** RFC 3676 4.5: marks stand together; `> > a` quotes a line that begins with a mark of its own. */
function readLine(line: string): Line {
  let depth = 0;
  while (line[depth] === '>') depth++;
  const rest = line.slice(depth);
  return { marks: line.slice(0, depth), content: depth > 0 && rest.startsWith(' ') ? rest.slice(1) : rest };
}

/** All but the last end in the space at which they were broken. */
function broken(content: string, most: number): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  while (content.length - from > most) {
    const space = breakIn(content, from, most);
    if (space < 0) break;
    pieces.push(content.slice(from, space + 1));
    from = space + 1;
  }
  pieces.push(content.slice(from));
  return pieces;
}

/** The last space that fits, else the first behind it; never one that would leave the line of a signature. -1: none. */
function breakIn(content: string, from: number, most: number): number {
  const last = content.lastIndexOf(' ', from + most - 1);
  const isGood = (at: number): boolean => at > from && content.slice(from, at + 1) !== signatureLine;
  if (isGood(last)) return last;
  let next = content.indexOf(' ', from + 1);
  while (next >= 0 && !isGood(next)) next = content.indexOf(' ', next + 1);
  return next === content.length - 1 ? -1 : next;
}

/** RFC 3676 4.4: a space before what would be read as a mark, as stuffing, or as the beginning of another message. */
function stuffed(marks: string, content: string): string {
  if (marks !== '') return content === '' ? marks : `${marks} ${content}`;
  return /^(?: |>|From )/.test(content) ? ` ${content}` : content;
}

/** Text that is not flowed comes back as it is. */
export function decodeFlowed(text: string, format: TextFormat): string {
  const lines = text.replace(/\r\n?/g, '\n');
  if (!format.flowed) return lines;
  const out: Line[] = [];
  let flows = false;
  for (const raw of lines.split('\n')) {
    let depth = 0;
    while (raw[depth] === '>') depth++;
    const content = raw[depth] === ' ' ? raw.slice(depth + 1) : raw.slice(depth);
    const marks = raw.slice(0, depth);
    const isSignature = content === signatureLine;
    const last = out.at(-1);
    // A flowed line before another depth, or before a signature, ends its paragraph (RFC 3676 4.5, 4.3).
    if (flows && last?.marks === marks && !isSignature) {
      out[out.length - 1] = { marks, content: last.content + content };
    } else out.push({ marks, content });
    flows = content.endsWith(' ') && !isSignature;
    const now = out.at(-1);
    if (flows && format.deleteSpace && now) out[out.length - 1] = { marks, content: now.content.slice(0, -1) };
  }
  return out
    .map(({ marks, content }) => (marks === '' || content === '' ? marks + content : `${marks} ${content}`))
    .join('\n');
}
