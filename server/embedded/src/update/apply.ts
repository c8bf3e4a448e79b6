/**
 * Applying an update: one walk over the document, bytes of untouched fields copied as they lie (their types stay what they
 * were), changed fields written anew. Gives the new document and what change streams say about it, or nothing when the
 * document stays as it is.
 */

import { valuesEqual } from '../bson/compare.js';
import { bsonType, Elements, type Value } from '../bson/element.js';
import { typeName } from '../bson/scalar.js';
import { BsonWriter, buildDocument, indexName } from '../bson/writer.js';
import { idOf, maxDocumentBytes, withIdFirst } from '../engine/documents.js';
import { newObjectId } from '../engine/object-id.js';
import { MongoError } from '../errors.js';
import type { Filter } from '../query/filter.js';
import { addOperator, newNode, positionOf, type Update, type UpdateNode } from './parse.js';

export interface Updated {
  readonly document: Buffer;
  /** `{updatedFields, removedFields, truncatedArrays}`; undefined for a replacement. */
  readonly description: Buffer | undefined;
}

interface Changes {
  readonly set: { readonly path: string; readonly value: Value }[];
  readonly removed: string[];
  readonly inserting: boolean;
}

/** The update of a document that is there; undefined when nothing changes. */
export function applyUpdate(update: Update, document: Buffer): Updated | undefined {
  if (update.kind === 'replace') {
    const replaced = replacement(update.document, idOf(document)!);
    checkSize(replaced);
    return replaced.equals(document) ? undefined : { document: replaced, description: undefined };
  }
  const changes: Changes = { set: [], removed: [], inserting: false };
  const after = modify(update.root, document, changes);
  if (after.equals(document)) return undefined;
  const id = idOf(after);
  if (id === undefined || !valuesEqual(id, idOf(document))) {
    throw new MongoError(
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
  checkSize(after);
  return { document: after, description: describe(changes) };
}

/** The document an upsert inserts: what the filter says by equality, and the update on it. */
export function upsertDocument(update: Update, filter: Filter): Buffer {
  const root = newNode('', '');
  for (const [path, value] of equalities(filter)) {
    addOperator(root, path, { name: '$set', onInsertOnly: false, creates: true, apply: () => value });
  }
  const empty = buildDocument(() => undefined);
  const base = modify(root, empty, { set: [], removed: [], inserting: true });
  let document: Buffer;
  if (update.kind === 'replace') {
    const id = idOf(update.document) ?? idOf(base);
    document = id ? replacement(update.document, id) : update.document;
  } else {
    document = modify(update.root, base, { set: [], removed: [], inserting: true });
    const wanted = idOf(base);
    if (wanted !== undefined && !valuesEqual(wanted, idOf(document))) {
      throw new MongoError(
        'ImmutableField',
        "Performing an update on the path '_id' would modify the immutable field '_id'",
      );
    }
  }
  const whole = Buffer.from(withIdFirst(document, newObjectId));
  checkSize(whole);
  return whole;
}

function equalities(filter: Filter): [string, Value][] {
  if (filter.kind === 'and') return filter.parts.flatMap(equalities);
  if (filter.kind === 'or' && filter.parts.length === 1) return equalities(filter.parts[0]!);
  if (filter.kind === 'compare' && filter.op === '$eq') return [[filter.path.text, filter.operand]];
  if (filter.kind === 'in' && filter.operands.length === 1) return [[filter.path.text, filter.operands[0]!]];
  return [];
}

function checkSize(document: Buffer): void {
  if (document.length > maxDocumentBytes) {
    throw new MongoError('BSONObjectTooLarge', `Resulting document after update is larger than ${maxDocumentBytes}`);
  }
}

function replacement(document: Buffer, id: Value): Buffer {
  const own = idOf(document);
  if (own !== undefined && !valuesEqual(own, id)) {
    throw new MongoError(
      'ImmutableField',
      "After applying the update, the (immutable) field '_id' was found to have been altered",
    );
  }
  const writer = new BsonWriter(0, document.length + id.end - id.at + 32);
  writer.begin().value('_id', id);
  const elements = new Elements(document);
  while (elements.next()) if (elements.name() !== '_id') writer.raw(document, elements.start, elements.end);
  writer.close();
  return writer.bytes();
}

function modify(root: UpdateNode, document: Buffer, changes: Changes): Buffer {
  const writer = new BsonWriter(0, document.length + 256);
  writer.begin();
  writeFields(writer, root, document, 0, changes);
  writer.close();
  return writer.bytes();
}

function writeFields(writer: BsonWriter, node: UpdateNode, buf: Buffer, at: number, changes: Changes): void {
  const pending = new Set(node.children);
  const elements = new Elements(buf, at);
  while (elements.next()) {
    const child = node.children.find(({ nameBytes }) => elements.nameIs(nameBytes));
    if (child === undefined || !pending.delete(child)) writer.raw(buf, elements.start, elements.end);
    else writeChild(writer, child, child.name, elements.value(), changes);
  }
  for (const child of pending) writeChild(writer, child, child.name, undefined, changes);
}

/** The field `name` after the operators of `child`; nothing when they leave or make none. */
function writeChild(
  writer: BsonWriter,
  child: UpdateNode,
  name: string,
  old: Value | undefined,
  changes: Changes,
): void {
  const { operator } = child;
  if (operator !== undefined) {
    if (operator.onInsertOnly && !changes.inserting) {
      if (old !== undefined) writer.value(name, old);
      return;
    }
    const value = operator.apply(old, child.path);
    if (value !== undefined) writer.value(name, value);
    if (value === undefined && old !== undefined) changes.removed.push(child.path);
    else if (value !== undefined && value !== old && !(old !== undefined && same(old, value))) {
      changes.set.push({ path: child.path, value });
    }
    return;
  }
  if (old === undefined) {
    if (createsSomething(child, changes.inserting)) createDocument(writer, child, name, changes);
    return;
  }
  if (old.type === bsonType.object) {
    writer.openDocument(name);
    writeFields(writer, child, old.buf, old.at, changes);
    writer.close();
  } else if (old.type === bsonType.array) {
    writer.openArray(name);
    writeItems(writer, child, old, changes);
    writer.close();
  } else {
    if (createsSomething(child, changes.inserting)) {
      throw new MongoError(
        'PathNotViable',
        `Cannot create field '${child.children[0]!.name}' in element {${child.name}: ${typeName(old.type)}}`,
      );
    }
    writer.value(name, old);
  }
}

function same(a: Value, b: Value): boolean {
  return a.type === b.type && a.buf.compare(b.buf, b.at, b.end, a.at, a.end) === 0;
}

function createsSomething(node: UpdateNode, inserting: boolean): boolean {
  if (node.operator) return node.operator.creates && (inserting || !node.operator.onInsertOnly);
  return node.children.some((child) => createsSomething(child, inserting));
}

/** A field that was not there, with all below it: one change, as change streams tell it. */
function createDocument(writer: BsonWriter, node: UpdateNode, name: string, changes: Changes): void {
  const inner: Changes = { set: [], removed: [], inserting: changes.inserting };
  const document = buildDocument((made) => {
    for (const child of node.children) writeChild(made, child, child.name, undefined, inner);
  });
  const value: Value = { buf: document, type: bsonType.object, at: 0, end: document.length };
  writer.value(name, value);
  changes.set.push({ path: node.path, value });
}

/** Nulls that fill an array up to a position are bounded, or one number would fill the memory. */
const maxPadding = 1_500_000;

function writeItems(writer: BsonWriter, node: UpdateNode, array: Value, changes: Changes): void {
  let count = 0;
  const elements = new Elements(array.buf, array.at);
  const positions = new Map<number, UpdateNode>();
  for (const child of node.children) {
    const position = positionOf(child.name);
    if (position === undefined) {
      if (!createsSomething(child, changes.inserting)) continue;
      throw new MongoError('PathNotViable', `Cannot create field '${child.name}' in element {${node.name}: array}`);
    }
    positions.set(position, child);
  }
  while (elements.next()) {
    const child = positions.get(count);
    const name = indexName(count++);
    if (child === undefined) {
      writer.raw(array.buf, elements.start, elements.end);
      continue;
    }
    // An element that is unset leaves a null: positions of the others stay.
    const mark = writer.pos;
    writeChild(writer, child, name, elements.value(), changes);
    if (writer.pos === mark) {
      writer.null(name);
      changes.removed.pop();
      changes.set.push({ path: child.path, value: nullValue });
    }
  }
  for (const [position, child] of positions) {
    if (position < count || !createsSomething(child, changes.inserting)) continue;
    if (position - count > maxPadding)
      throw new MongoError('CannotMutateObject', `position ${position} is too far behind the end of the array`);
    while (count < position) writer.null(indexName(count++));
    writeChild(writer, child, indexName(count++), undefined, changes);
  }
}

const nullValue: Value = { buf: Buffer.alloc(0), type: bsonType.null, at: 0, end: 0 };

function describe(changes: Changes): Buffer {
  return buildDocument((writer) => {
    writer.openDocument('updatedFields');
    for (const { path, value } of changes.set) writer.value(path, value);
    writer.close().openArray('removedFields');
    for (const [i, path] of changes.removed.entries()) writer.string(indexName(i), path);
    writer.close().openArray('truncatedArrays').close();
  });
}
