/**
 * Projections by bytes: fields that are kept are copied as they lie. Inclusion and exclusion, dotted paths through
 * documents and arrays; `$slice`, `$elemMatch`, positional and computed projections are refused.
 */
import { bsonType, Elements, type Value } from '../bson/element.js';
import { asNumber } from '../bson/scalar.js';
import { type BsonWriter, indexName } from '../bson/writer.js';
import { MongoError } from '../errors.js';

/** What becomes of a field: kept or dropped whole, or looked into. */
interface Node {
  readonly name: Buffer;
  readonly children: Node[] | undefined;
}

export interface Projection {
  readonly include: boolean;
  readonly nodes: readonly Node[];
  readonly id: boolean;
}

const idName = Buffer.from('_id');

export function parseProjection(value: Value | undefined): Projection | undefined {
  if (value === undefined) return undefined;
  let include: boolean | undefined;
  let id: boolean | undefined;
  const root: MutableNode = { name: idName, children: [] };
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    const path = elements.name();
    const wanted = wantedOf(elements.value(), path);
    if (path === '_id') {
      id = wanted;
      continue;
    }
    if (include !== undefined && include !== wanted) {
      const [code, text] = include
        ? (['Location31254', 'Cannot do exclusion on field %s in inclusion projection'] as const)
        : (['Location31253', 'Cannot do inclusion on field %s in exclusion projection'] as const);
      throw new MongoError(code, text.replace('%s', path));
    }
    include = wanted;
    insert(root, path);
  }
  if (include === undefined) {
    if (id === undefined) return undefined;
    return { include: id, nodes: [], id };
  }
  return { include, nodes: root.children!, id: id ?? true };
}

interface MutableNode {
  readonly name: Buffer;
  children: MutableNode[] | undefined;
}

function wantedOf(value: Value, path: string): boolean {
  if (value.type === bsonType.bool) return value.buf[value.at] === 1;
  const number = asNumber(value);
  if (number === undefined || path.split('.').some((name) => name.startsWith('$'))) {
    throw new MongoError('BadValue', `this projection of field '${path}' is not supported by this server`);
  }
  return number !== 0;
}

function insert(root: MutableNode, path: string): void {
  let node = root;
  const names = path.split('.');
  for (const [i, text] of names.entries()) {
    const name = Buffer.from(text);
    if (node.children === undefined) throw collision(path);
    let child = node.children.find((other) => other.name.equals(name));
    const last = i === names.length - 1;
    if (child !== undefined && last) throw collision(path);
    if (child === undefined) {
      child = { name, children: last ? undefined : [] };
      node.children.push(child);
    }
    node = child;
  }
}

function collision(path: string): MongoError {
  return new MongoError('Location31249', `Path collision at ${path}`);
}

/** Writes the fields of the document that remain into the document that is open. */
export function writeProjected(writer: BsonWriter, projection: Projection, document: Buffer, at = 0): void {
  const elements = new Elements(document, at);
  while (elements.next()) {
    if (elements.nameIs(idName)) {
      if (projection.id) writer.raw(document, elements.start, elements.end);
    } else writeElement(writer, projection.nodes, projection.include, elements);
  }
}

function writeElement(writer: BsonWriter, nodes: readonly Node[], include: boolean, elements: Elements): void {
  const node = nodes.find(({ name }) => elements.nameIs(name));
  if (node === undefined) {
    if (!include) writer.raw(elements.buf, elements.start, elements.end);
    return;
  }
  if (node.children === undefined) {
    if (include) writer.raw(elements.buf, elements.start, elements.end);
    return;
  }
  if (elements.type === bsonType.object) {
    writer.openDocument(elements.name());
    writeFields(writer, node.children, include, elements.buf, elements.at);
    writer.close();
  } else if (elements.type === bsonType.array) {
    writer.openArray(elements.name());
    writeItems(writer, node.children, include, elements.buf, elements.at);
    writer.close();
  } else if (!include) writer.raw(elements.buf, elements.start, elements.end);
}

function writeFields(writer: BsonWriter, nodes: readonly Node[], include: boolean, buf: Buffer, at: number): void {
  const inner = new Elements(buf, at);
  while (inner.next()) writeElement(writer, nodes, include, inner);
}

/** Each document of an array is projected; other elements stay in an exclusion and go in an inclusion. */
function writeItems(writer: BsonWriter, nodes: readonly Node[], include: boolean, buf: Buffer, at: number): void {
  const inner = new Elements(buf, at);
  let position = 0;
  while (inner.next()) {
    if (inner.type === bsonType.object) {
      writer.openDocument(indexName(position++));
      writeFields(writer, nodes, include, buf, inner.at);
      writer.close();
    } else if (inner.type === bsonType.array) {
      writer.openArray(indexName(position++));
      writeItems(writer, nodes, include, buf, inner.at);
      writer.close();
    } else if (!include) writer.value(indexName(position++), inner.value());
  }
}
