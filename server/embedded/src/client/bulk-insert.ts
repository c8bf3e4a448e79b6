/**
 * Inserts over several collections as one `bulkWrite`, from documents that are BSON already to the bytes on the wire without
 * a step between.
 */
import { Elements } from '../bson/element.js';
import { asNumber } from '../bson/scalar.js';
import { type BsonWriter, buildDocument } from '../bson/writer.js';
import { maxMessageBytes } from '../wire/message.js';

export interface Insert {
  readonly namespace: string;
  /** BSON, its `_id` first. */
  readonly document: Uint8Array;
}

/** What one command takes: the largest message, less the room for what is around documents. */
export const maxInsertBytes = maxMessageBytes / 2;
export const maxInserts = 50_000;

const bodySection = Buffer.of(0);
const durable = buildDocument((writer) => writer.string('w', 'majority').bool('j', true));
const body = (ordered: boolean): Buffer =>
  buildDocument((writer) => {
    writer.int32('bulkWrite', 1).bool('ordered', ordered).bool('errorsOnly', true);
    writer.document('writeConcern', durable).string('$db', 'admin');
  });
const bodies = { ordered: body(true), unordered: body(false) };

const sequenceHead = (name: string): Buffer => Buffer.from(`\x01\0\0\0\0${name}\0`, 'latin1');
const operations = sequenceHead('ops');
const namespaceInfo = sequenceHead('nsInfo');

function sequence(writer: BsonWriter, head: Buffer, fill: () => void): void {
  const start = writer.pos + 1;
  writer.raw(head, 0, head.length);
  fill();
  writer.buf.writeInt32LE(writer.pos - start, start);
}

export function writeBulkInsert(writer: BsonWriter, inserts: readonly Insert[], ordered: boolean): void {
  const namespaces: string[] = [];
  writer.raw(bodySection, 0, 1);
  const document = ordered ? bodies.ordered : bodies.unordered;
  writer.raw(document, 0, document.length);
  sequence(writer, operations, () => {
    for (const insert of inserts) {
      let at = namespaces.indexOf(insert.namespace);
      if (at < 0) at = namespaces.push(insert.namespace) - 1;
      writer.begin().int32('insert', at).document('document', insert.document).close();
    }
  });
  sequence(writer, namespaceInfo, () => {
    for (const namespace of namespaces) writer.begin().string('ns', namespace).close();
  });
}

/** Whether a reply says that all of it is done and on disk. */
export function isAllInserted(reply: Buffer, count: number): boolean {
  let ok = false;
  let inserted = 0;
  const elements = new Elements(reply);
  while (elements.next()) {
    const name = elements.name();
    if (name === 'ok') ok = asNumber(elements.value()) === 1;
    else if (name === 'nInserted') inserted = asNumber(elements.value()) ?? 0;
    else if (name === 'writeConcernError' || name === 'errorLabels') return false;
  }
  return ok && inserted === count;
}
