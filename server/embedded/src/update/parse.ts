/**
 * Update documents: operators sorted into a tree by path, so that applying them is one walk over the document. Two
 * operators on one path, or on a path and a part of it, are a conflict, as at MongoDB. Positional operators and pipelines
 * are refused.
 */
import { bsonType, Elements, type Value } from '../bson/element.js';
import { MongoError } from '../errors.js';
import { type Operator, parseOperator } from './operators.js';

export interface UpdateNode {
  readonly name: string;
  readonly nameBytes: Buffer;
  /** Sorted as MongoDB adds new fields: names by their bytes, positions by number. */
  readonly children: UpdateNode[];
  operator: Operator | undefined;
  readonly path: string;
}

export type Update =
  | { readonly kind: 'replace'; readonly document: Buffer }
  | { readonly kind: 'modify'; readonly root: UpdateNode };

export function newNode(name: string, path: string): UpdateNode {
  return { name, nameBytes: Buffer.from(name), children: [], operator: undefined, path };
}

export function parseUpdate(value: Value): Update {
  if (value.type === bsonType.array) {
    throw new MongoError('FailedToParse', 'updates by aggregation pipeline are not supported by this server');
  }
  if (value.type !== bsonType.object) throw new MongoError('FailedToParse', 'Update argument must be a document');
  const first = new Elements(value.buf, value.at);
  if (!first.next() || first.buf[first.nameAt] !== 0x24) {
    return { kind: 'replace', document: replacementOf(value) };
  }
  const root = newNode('', '');
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    const operator = elements.name();
    if (!operator.startsWith('$')) {
      throw new MongoError(
        'FailedToParse',
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (elements.type !== bsonType.object) {
      throw new MongoError(
        'FailedToParse',
        `Modifiers operate on fields but we found another type. For example: {$mod: {<field>: ...}} not {${operator}: ...}`,
      );
    }
    const fieldsOf = new Elements(elements.buf, elements.at);
    while (fieldsOf.next()) {
      const path = fieldsOf.name();
      addOperator(root, path, parseOperator(operator, path, fieldsOf.value()));
    }
  }
  return { kind: 'modify', root };
}

function replacementOf(value: Value): Buffer {
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    if (elements.buf[elements.nameAt] === 0x24) {
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${elements.name()}' in '${elements.name()}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
  return value.buf.subarray(value.at, value.end);
}

const maxPathParts = 100;

export function addOperator(root: UpdateNode, path: string, operator: Operator): void {
  const names = path.split('.');
  if (names.length > maxPathParts) throw new MongoError('Overflow', `path is too deep: ${path}`);
  let node = root;
  let sofar = '';
  for (const [i, name] of names.entries()) {
    sofar = i === 0 ? name : `${sofar}.${name}`;
    if (name === '')
      throw new MongoError(
        'EmptyFieldName',
        `The update path '${path}' contains an empty field name, which is not allowed.`,
      );
    if (name === '$' || name.startsWith('$[')) {
      throw new MongoError(
        'BadValue',
        `positional operators in an update ('${path}') are not supported by this server`,
      );
    }
    if (name.startsWith('$')) {
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${path}' is not valid for storage.`,
      );
    }
    const last = i === names.length - 1;
    let child = node.children.find((other) => other.name === name);
    if (child !== undefined && (last || child.operator !== undefined)) {
      throw new MongoError(
        'ConflictingUpdateOperators',
        `Updating the path '${path}' would create a conflict at '${sofar}'`,
      );
    }
    if (child === undefined) {
      child = newNode(name, sofar);
      insertSorted(node.children, child);
    }
    if (last) child.operator = operator;
    node = child;
  }
}

function insertSorted(children: UpdateNode[], child: UpdateNode): void {
  const at = children.findIndex((other) => nameOrder(child, other) < 0);
  if (at < 0) children.push(child);
  else children.splice(at, 0, child);
}

export function positionOf(name: string): number | undefined {
  return /^(0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : undefined;
}

function nameOrder(a: UpdateNode, b: UpdateNode): number {
  const left = positionOf(a.name);
  const right = positionOf(b.name);
  if (left !== undefined && right !== undefined) return left - right;
  return Buffer.compare(a.nameBytes, b.nameBytes);
}
