/**
 * Dotted paths through documents, with MongoDB's rules for arrays on the way: an array in the middle of a path stands for
 * each of its documents, and a number in the path may also be a position in it.
 */
import { bsonType, Elements, field, type Value } from '../bson/element.js';

export interface Path {
  readonly text: string;
  readonly names: readonly Buffer[];
}

export function parsePath(text: string): Path {
  return { text, names: text.split('.').map((name) => Buffer.from(name)) };
}

function isPosition(name: Buffer): boolean {
  if (name.length === 0 || name.length > 9 || (name.length > 1 && name[0] === 0x30)) return false;
  return name.every((byte) => byte >= 0x30 && byte <= 0x39);
}

/**
 * Calls `test` with every value the path leads to in the document, `undefined` for a document on the way that lacks the
 * next name, until one call answers true; tells whether one did. The values at the end are given as they are: whoever
 * wants the elements of an array at the end looks into it.
 */
export function someAt(document: Value, path: Path, test: (value: Value | undefined) => boolean, depth = 0): boolean {
  const name = path.names[depth]!;
  const value = field(document.buf, name, document.at);
  const last = depth === path.names.length - 1;
  if (value === undefined) return test(undefined);
  if (last) return test(value);
  if (value.type === bsonType.object) return someAt(value, path, test, depth + 1);
  if (value.type !== bsonType.array) return test(undefined);
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    if (elements.type === bsonType.object && someAt(elements.value(), path, test, depth + 1)) return true;
  }
  return isPosition(path.names[depth + 1]!) && someInArray(value, path, test, depth + 1);
}

/** The path goes on with a position in the array. */
function someInArray(array: Value, path: Path, test: (value: Value | undefined) => boolean, depth: number): boolean {
  const value = field(array.buf, path.names[depth]!, array.at);
  if (value === undefined) return false;
  if (depth === path.names.length - 1) return test(value);
  if (value.type === bsonType.object) return someAt(value, path, test, depth + 1);
  if (value.type === bsonType.array) {
    const elements = new Elements(value.buf, value.at);
    while (elements.next()) {
      if (elements.type === bsonType.object && someAt(elements.value(), path, test, depth + 1)) return true;
    }
    return isPosition(path.names[depth + 1]!) && someInArray(value, path, test, depth + 1);
  }
  return false;
}
