/**
 * What lists need of a stored BODYSTRUCTURE (RFC 9051 7.5.2): the shape, types, names and dispositions. Reads only what
 * `formatBodyStructure` writes; anything else is a fault of the store and throws MailError `internal`.
 */
import { MailError } from '../../kernel/errors.js';
import type { SelectablePart } from './body-selection.js';
import { type BinaryString, toBinaryString } from './header-fields.js';
import { unquote } from './parameters.js';

export interface StructurePart extends SelectablePart<StructurePart> {}

type Value = BinaryString | undefined | readonly Value[];

export function readStructure(structure: Uint8Array): StructurePart {
  const reader = { text: toBinaryString(structure), at: 0 };
  const value = readValue(reader);
  if (!Array.isArray(value) || reader.at !== reader.text.length) fail();
  return partOf(value);
}

function partOf(list: readonly Value[]): StructurePart {
  if (Array.isArray(list[0])) {
    let count = 0;
    while (Array.isArray(list[count])) count += 1;
    const parts = (list.slice(0, count) as readonly (readonly Value[])[]).map(partOf);
    return {
      type: `multipart/${word(list[count])}`,
      ...dispositionOf(list[count + 2], undefined),
      cid: false,
      parts,
    };
  }
  const type = `${word(list[0])}/${word(list[1])}`;
  // Extension data begin behind the octets; text has lines more, a message its envelope, structure and lines.
  const basic = type === 'message/rfc822' || type === 'message/global' ? 10 : type.startsWith('text/') ? 8 : 7;
  return { type, ...dispositionOf(list[basic + 1], list[2]), cid: list[3] !== undefined, parts: undefined };
}

function dispositionOf(
  value: Value,
  parameters: Value,
): { readonly disposition: string | undefined; readonly named: boolean } {
  const list = Array.isArray(value) ? (value as readonly Value[]) : [];
  const named = hasParameter(list[1], 'filename') || hasParameter(parameters, 'name');
  return { disposition: list.length === 0 ? undefined : word(list[0]), named };
}

function hasParameter(value: Value, name: string): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i += 2) {
    const key = word(value[i] as Value);
    if (key === name || key === `${name}*`) return true;
  }
  return false;
}

function word(value: Value): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

interface Reader {
  readonly text: BinaryString;
  at: number;
}

/** NIL is undefined; numbers are their digits. Recursion is as deep as the parts nest, and twice for their lists. */
function readValue(reader: Reader): Value {
  const { text } = reader;
  switch (text[reader.at]) {
    case '(': {
      const list: Value[] = [];
      reader.at += 1;
      while (text[reader.at] !== ')') {
        if (text[reader.at] === ' ') reader.at += 1;
        else if (text[reader.at] === undefined) fail();
        else list.push(readValue(reader));
      }
      reader.at += 1;
      return list;
    }
    case '"': {
      let end = reader.at + 1;
      let escaped = false;
      while (end < text.length && text[end] !== '"') {
        if (text[end] === '\\') {
          escaped = true;
          end += 1;
        }
        end += 1;
      }
      const inner = text.slice(reader.at + 1, end);
      reader.at = end + 1;
      return escaped ? unquote(inner) : inner;
    }
    case '{': {
      const close = text.indexOf('}', reader.at);
      const size = Number(text.slice(reader.at + 1, close));
      if (close === -1 || !Number.isSafeInteger(size)) fail();
      const start = close + 3;
      reader.at = start + size;
      return text.slice(start, start + size);
    }
    default: {
      const start = reader.at;
      while (reader.at < text.length && !' ()'.includes(text[reader.at]!)) reader.at += 1;
      if (start === reader.at) fail();
      const atom = text.slice(start, reader.at);
      return atom === 'NIL' ? undefined : atom;
    }
  }
}

function fail(): never {
  throw new MailError('internal', 'A stored body structure is damaged');
}
