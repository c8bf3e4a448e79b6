import { isAtom } from './octet-class.js';
import { quotedOctets } from './octet-string.js';
import type { CommandReader } from './reader.js';

/**
 * Section specifications of FETCH BODY[...] and BINARY[...] (RFC 9051 6.4.5, `section`). `part` is the path of part
 * numbers, empty for the message itself.
 */
export type Section =
  /** BODY[] or BODY[1.2]: the whole message, or the body of a part. */
  | { readonly part: readonly number[]; readonly text: 'all' }
  | { readonly part: readonly number[]; readonly text: 'header' | 'text' }
  /** Only with a part: its MIME header. */
  | { readonly part: readonly number[]; readonly text: 'mime' }
  | {
      readonly part: readonly number[];
      readonly text: 'headerFields' | 'headerFieldsNot';
      /** As written by the client, at least one; compare without case. */
      readonly fields: readonly string[];
    };

/** `<offset.count>`; the answer names the offset only. */
export interface Partial {
  readonly offset: number;
  readonly count: number;
}

const maxPath = 100;

/** Reads what stands between `[` and `]` of BODY and BODY.PEEK, brackets included; `name` is the canonical text for the answer. */
export function parseSection(reader: CommandReader): { readonly section: Section; readonly name: string } {
  reader.expectOctet(0x5b);
  const part = parsePart(reader, true);
  const path = part.join('.');
  if (reader.octet(0x5d)) return { section: { part, text: 'all' }, name: `[${path}]` };
  const prefix = part.length === 0 ? '' : `${path}.`;
  const word = reader.expectKeyword('a section');
  let section: Section;
  let name = prefix + word;
  if (word === 'HEADER') section = { part, text: 'header' };
  else if (word === 'TEXT') section = { part, text: 'text' };
  else if (word === 'MIME' && part.length > 0) section = { part, text: 'mime' };
  else if (word === 'HEADER.FIELDS' || word === 'HEADER.FIELDS.NOT') {
    reader.expectSpace();
    const fields: string[] = [];
    reader.expectList(() => fields.push(parseFieldName(reader)), 'names of header fields');
    section = { part, text: word === 'HEADER.FIELDS' ? 'headerFields' : 'headerFieldsNot', fields };
    name += ` (${fields.map(fieldNameOctets).join(' ')})`;
  } else return reader.fail('HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or, after a part number, MIME');
  reader.expectOctet(0x5d);
  return { section, name: `[${name}]` };
}

/** section-binary: `[1.2]` or `[]`. */
export function parseBinarySection(reader: CommandReader): { readonly part: readonly number[]; readonly name: string } {
  reader.expectOctet(0x5b);
  const part = parsePart(reader, false);
  reader.expectOctet(0x5d);
  return { part, name: `[${part.join('.')}]` };
}

/** section-part: nz-number *("." nz-number). With `text`, a dot before a letter ends it and is consumed. */
function parsePart(reader: CommandReader, text: boolean): number[] {
  const part: number[] = [];
  if (!isDigit(reader.peek())) return part;
  do {
    if (text && part.length > 0 && !isDigit(reader.peek())) {
      if (reader.peek() === 0x5d) reader.fail('HEADER, TEXT or MIME');
      return part;
    }
    if (part.length === maxPath) reader.fail(`at most ${maxPath} part numbers`);
    part.push(reader.expectPositive('a part number'));
  } while (reader.octet(0x2e));
  if (text && reader.peek() !== 0x5d) reader.fail("'.' or ']'");
  return part;
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

/** header-fld-name: an astring; anything that no header can hold is refused, as it has to be echoed. */
function parseFieldName(reader: CommandReader): string {
  const octets = reader.expectAstring('the name of a header field');
  for (const octet of octets) if (octet < 0x20 || octet > 0x7e) reader.fail('the name of a header field in ASCII');
  return octets.toString('latin1');
}

function fieldNameOctets(name: string): string {
  return isAtom(name) ? name : quotedOctets(name);
}

/** partial: `<0.2048>`; undefined if none follows. */
export function parsePartial(reader: CommandReader): Partial | undefined {
  if (!reader.octet(0x3c)) return undefined;
  const offset = reader.expectNumber64('an offset');
  reader.expectOctet(0x2e);
  const count = reader.expectPositive64('a count over 0');
  reader.expectOctet(0x3e);
  return { offset, count };
}
