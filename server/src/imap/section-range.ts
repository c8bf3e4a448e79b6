/**
 * Where a section (RFC 9051 6.4.5, `section`) lies in a message, by its part tree. A part number that does not exist has no
 * place and is answered NIL.
 */
import type { Section } from '../codec/imap/section.js';
import type { MimePart } from '../codec/mime/part.js';

export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

/** The octets that hold the section; for HEADER.FIELDS the whole header to choose from. */
export function sectionRange(root: MimePart, section: Section): OctetRange | undefined {
  const { part: path, text } = section;
  if (path.length === 0) {
    if (text === 'all') return { start: root.headerStart, end: root.end };
    return text === 'text'
      ? { start: root.bodyStart, end: root.end }
      : { start: root.headerStart, end: root.bodyStart };
  }
  const part = partAt(root, path);
  if (part === undefined) return undefined;
  if (text === 'all') return { start: part.bodyStart, end: part.end };
  if (text === 'mime') return { start: part.headerStart, end: part.bodyStart };
  // RFC 9051 6.4.5.1: HEADER and TEXT after part numbers are those of an encapsulated message.
  const message = part.kind === 'message' ? part.children[0] : undefined;
  if (message === undefined) return undefined;
  return text === 'text'
    ? { start: message.bodyStart, end: message.end }
    : { start: message.headerStart, end: message.bodyStart };
}

/**
 * RFC 9051 6.4.5.1: the parts of a multipart are numbered from 1; a message that is no multipart has one part, 1; inside a
 * message/rfc822 part the numbers go on with the parts of its message.
 */
export function partAt(root: MimePart, path: readonly number[]): MimePart | undefined {
  let container = root;
  for (let depth = 0; ; depth++) {
    const number = path[depth]!;
    const part: MimePart | undefined =
      container.kind === 'multipart' ? container.children[number - 1] : number === 1 ? container : undefined;
    if (part === undefined || depth === path.length - 1) return part;
    if (part.kind === 'message') container = part.children[0]!;
    else if (part.kind === 'multipart') container = part;
    else return undefined;
  }
}
