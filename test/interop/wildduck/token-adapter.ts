/**
 * WildDuck's generic parser by the steps of ours: a command becomes a tag, a name and a tree of atoms, strings, lists, sections
 * and sets in WildDuck's shape. Ours has no such tree (every command is read by its own grammar); the steps that both have
 * in common are what its tests look at.
 */
import assert from 'node:assert/strict';
import { CommandReader } from '@vaguemestre/server/codec/imap/reader';
import { parsePartial, parseSection } from '@vaguemestre/server/codec/imap/section';
import { parseSequenceSet } from '@vaguemestre/server/codec/imap/sequence-set';
import { excused } from './borrowed-suite.js';
import { inputDeviations } from './deviations.js';

export interface Token {
  readonly type: string;
  readonly value: string;
  readonly section?: unknown[];
  readonly partial?: number[];
}
export type Tree = Token | Tree[];

export interface Parsed {
  readonly tag: string;
  readonly command: string;
  readonly attributes?: Tree[];
}

/** Literals are given beside the line, as WildDuck's tests do; one without a value is empty. */
function read(line: string, options: { readonly literals?: readonly Buffer[] } = {}): Parsed {
  const lines = line.split('\r\n').map((part) => Buffer.from(part, 'latin1'));
  const announced = lines.length - 1;
  const literals = Array.from({ length: announced }, (_, i) => options.literals?.[i] ?? Buffer.alloc(0));
  const reader: CommandReader = new CommandReader({ lines, literals });
  const tag = reader.tag() ?? reader.fail('a tag');
  reader.expectSpace();
  let command = reader.expectKeyword('a command');
  if (!/^[A-Z]+$/.test(command)) reader.fail('a command');
  if (command === 'UID') {
    reader.expectSpace();
    command += ` ${reader.expectKeyword('a command')}`;
  }
  const attributes: Tree[] = [];
  while (reader.space() && reader.peek() !== -1) attributes.push(readAttribute(reader));
  reader.expectEnd();
  return attributes.length === 0 ? { tag, command } : { tag, command, attributes };
}

function readAttribute(reader: CommandReader): Tree {
  const next = reader.peek();
  if (next === 0x28) {
    const list: Tree[] = [];
    reader.expectList(() => list.push(readAttribute(reader)), 'attributes', { empty: true });
    return list;
  }
  if (next === 0x22) return { type: 'STRING', value: reader.quoted()!.toString('latin1') };
  if (reader.atLiteral) return { type: 'LITERAL', value: reader.literal()!.toString('latin1') };
  const isSet = next === 0x2a || (next >= 0x30 && next <= 0x39);
  const start = reader.position;
  if (isSet) {
    parseSequenceSet(reader);
    const value = reader.line.toString('latin1', start, reader.position);
    return { type: /[:,]/.test(value) ? 'SEQUENCE' : 'ATOM', value };
  }
  if (next === 0x5c) {
    reader.octet(0x5c);
    const name = reader.octet(0x2a) ? '*' : reader.expectAtom('a flag');
    return { type: 'ATOM', value: `\\${name}` };
  }
  if (next === 0x25) return { type: 'ATOM', value: reader.expectListMailbox('a pattern').toString('latin1') };
  return readAtom(reader);
}

function readAtom(reader: CommandReader): Tree {
  const word = reader.keywordBefore(0x5b);
  if (word !== 'BODY') {
    if (word === undefined) return { type: 'ATOM', value: reader.expectAstring('an atom').toString('latin1') };
    const rest = reader.peek() === 0x5b ? reader.expectAstring('an atom').toString('latin1') : '';
    return { type: 'ATOM', value: word + rest };
  }
  if (reader.peek() !== 0x5b) return { type: 'ATOM', value: word };
  const { section } = parseSection(reader);
  const partial = parsePartial(reader);
  const atoms: unknown[] = [];
  if (section.text === 'headerFields') {
    atoms.push(
      { type: 'ATOM', value: 'HEADER.FIELDS' },
      section.fields.map((value) => ({ type: 'ATOM', value })),
    );
  }
  return {
    type: 'ATOM',
    value: word,
    section: atoms,
    ...(partial === undefined ? {} : { partial: [partial.offset, partial.count] }),
  };
}

const response = /^(\*|\+|TAG1 (OK|NO)) /;

/** WildDuck's `imapHandler.parser`. Inputs on the list must come out otherwise than there; responses are not ours to read. */
export function parser(line: string, options: { readonly literals?: readonly Buffer[] } = {}): unknown {
  if (response.test(line)) return excused;
  const deviation = inputDeviations[line];
  if (deviation === undefined) return read(line, options);
  let error: unknown;
  try {
    read(line, options);
  } catch (thrown) {
    error = thrown;
  }
  assert.equal(error === undefined, deviation.theirs === 'rejects', `no deviation any more: ${line}`);
  if (deviation.theirs === 'rejects') throw new Error(deviation.why);
  return excused;
}
