/** insert */
import { checkNamespace } from '../engine/catalog.js';
import { MongoError } from '../errors.js';
import { command } from '../server/call.js';
import { documentList, refuse, requiredString } from './argument.js';
import { checkBatch, isOrdered } from './batch.js';
import { writeJob } from './write-job.js';
import { insertNow, type WriteFailure, writeErrors } from './write-operations.js';

export const insert = command(
  ['documents', 'ordered', 'bypassDocumentValidation', 'bypassEmptyTsReplacement', 'encryptionInformation'],
  async (call) => {
    const { args, database, engine, request } = call;
    const name = requiredString(args, 'insert');
    checkNamespace(database, name);
    refuse(args, 'encryptionInformation');
    const documents = documentList(args, request.sequences, 'documents');
    checkBatch(documents.length);
    const ordered = isOrdered(args);
    await writeJob(call, (reply) => {
      const collection = engine.ensureCollection(database, name);
      const failures: WriteFailure[] = [];
      let inserted = 0;
      for (const [index, document] of documents.entries()) {
        try {
          insertNow(engine, collection, document);
          inserted++;
        } catch (error) {
          if (!(error instanceof MongoError)) throw error;
          failures.push({ index, error });
          if (ordered) break;
        }
      }
      reply.int32('n', inserted);
      writeErrors(reply, failures);
    });
  },
  true,
);
