/** count and distinct. */
import { compareValues } from '../bson/compare.js';
import { bsonType, bytesOf, documentValue, Elements, type Value } from '../bson/element.js';
import { indexName } from '../bson/writer.js';
import { checkNamespace } from '../engine/catalog.js';
import { maxDocumentBytes } from '../engine/documents.js';
import { MongoError } from '../errors.js';
import { openStream } from '../query/find-source.js';
import { parseFilter } from '../query/parse-filter.js';
import { parsePath, someAt } from '../query/path.js';
import { planQuery } from '../query/plan.js';
import { command } from '../server/call.js';
import { optionalCount, optionalDocument, refuse, requiredString } from './argument.js';
import { hintOf, lasting } from './find.js';

export const count = command(['query', 'limit', 'skip', 'hint', 'collation', 'fields'], async (call) => {
  const { args, database, engine, reply, deadline } = call;
  const name = requiredString(args, 'count');
  checkNamespace(database, name);
  refuse(args, 'collation');
  const filter = parseFilter(lasting(optionalDocument(args, 'query')));
  const limit = optionalCount(args, 'limit') || Number.POSITIVE_INFINITY;
  let toSkip = optionalCount(args, 'skip') ?? 0;
  const collection = engine.catalog.get(`${database}.${name}`);
  let total = 0;
  if (collection) {
    const stream = openStream(engine, collection, planQuery(collection, filter, [], hintOf(args)));
    await stream.each(() => {
      if (toSkip > 0) toSkip--;
      else total++;
      return total >= limit ? 'last' : 'next';
    }, deadline);
  }
  reply.count('n', total);
});

export const distinct = command(['key', 'query', 'collation', 'hint'], async (call) => {
  const { args, database, engine, reply, deadline } = call;
  const name = requiredString(args, 'distinct');
  checkNamespace(database, name);
  refuse(args, 'collation');
  const path = parsePath(requiredString(args, 'key'));
  const filter = parseFilter(lasting(optionalDocument(args, 'query')));
  const collection = engine.catalog.get(`${database}.${name}`);
  const found: Value[] = [];
  let bytes = 0;
  const take = (value: Value) => {
    // Sorted, so that each value is looked for in a few steps.
    let low = 0;
    let high = found.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareValues(found[middle], value) < 0) low = middle + 1;
      else high = middle;
    }
    if (low < found.length && compareValues(found[low], value) === 0) return;
    const copy = Buffer.from(bytesOf(value));
    bytes += copy.length + 8;
    if (bytes > maxDocumentBytes) throw new MongoError('BSONObjectTooLarge', 'distinct too big, 16mb cap');
    found.splice(low, 0, { buf: copy, type: value.type, at: 0, end: copy.length });
  };
  if (collection) {
    const stream = openStream(engine, collection, planQuery(collection, filter, [], hintOf(args)));
    await stream.each((document) => {
      someAt(documentValue(document), path, (value) => {
        if (value?.type === bsonType.array) {
          const elements = new Elements(value.buf, value.at);
          while (elements.next()) take(elements.value());
        } else if (value) take(value);
        return false;
      });
      return 'next';
    }, deadline);
  }
  reply.openArray('values');
  for (const [i, value] of found.entries()) reply.value(indexName(i), value);
  reply.close();
});
