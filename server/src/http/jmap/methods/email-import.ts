/** Email/import (RFC 8621 4.8): messages from blobs, octet for octet. */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { SetError } from '@vaguemestre/shared/jmap/errors';
import { parseDate } from '../../../codec/mime/dates.js';
import { fieldValue, toBinaryString } from '../../../codec/mime/header-fields.js';
import { maxHeaderBytes, maxJmapObjectsInSet } from '../../../kernel/limits.js';
import type { EmailCreate } from '../../../mailstore/email-set.js';
import { type OpenBlob, openBlob } from '../blobs/open-blob.js';
import { headerFields } from '../email/header-block.js';
import { newPlace } from '../email/new-email.js';
import { stageEmail } from '../email/stage-email.js';
import { setErrorFrom } from '../error-types.js';
import { type JmapMethod, type JsonObject, type MethodContext, MethodError } from '../method.js';
import { invalidArguments, readArguments } from '../standard/arguments.js';
import { realId } from '../standard/get.js';
import { invalidProperties, SetFailure } from '../standard/set-failure.js';
import { modseqOf } from '../standard/state.js';
import { isObject } from '../values.js';
import { type EmailParts, tellCreated } from './email-set.js';

export function emailImport({ maxMessageBytes }: EmailParts): JmapMethod {
  return {
    name: 'Email/import',
    capability: capability.mail,
    async run(rawArguments, context) {
      const args = readArguments(rawArguments);
      const ifInState = args.optionalString('ifInState');
      const emails = args.object('emails');
      args.done();
      if (emails === undefined) throw invalidArguments('emails is missing', { arguments: ['emails'] });
      const entries = Object.entries(emails);
      if (entries.length > maxJmapObjectsInSet) {
        throw new MethodError('requestTooLarge', `At most ${maxJmapObjectsInSet} emails are imported by one call`);
      }
      const ifModseq = ifInState === undefined ? undefined : modseqOf(ifInState, context.account);
      if (ifModseq !== undefined && ifModseq !== context.account.modseq) {
        throw new MethodError('stateMismatch', 'The state is another one');
      }
      const created = new Map<string, JsonObject>();
      const notCreated = new Map<string, SetError>();
      const creations = new Map<string, EmailCreate>();
      for (const [creationId, given] of entries) {
        try {
          creations.set(creationId, await stageImport(given, context, maxMessageBytes));
        } catch (error) {
          notCreated.set(creationId, error instanceof SetFailure ? error.error : setErrorFrom(error));
        }
      }
      const creates = [...creations.values()];
      const condition = ifModseq === undefined ? {} : { ifModseq };
      const result = await context.account.setEmails({ creates, updates: [], destroys: [], ...condition });
      for (const [i, creationId] of [...creations.keys()].entries()) {
        tellCreated(
          {
            created(id, object) {
              created.set(id, object);
              context.createdIds.set(id, object.id);
            },
            notCreated: (id, error) => void notCreated.set(id, error),
          },
          creationId,
          result.created[i]!,
        );
      }
      return {
        response: {
          accountId: args.accountId,
          oldState: String(result.before),
          newState: String(result.modseq),
          created: created.size === 0 ? null : Object.fromEntries(created),
          notCreated: notCreated.size === 0 ? null : Object.fromEntries(notCreated),
        },
      };
    },
  };
}

const importProperties = ['blobId', 'mailboxIds', 'keywords', 'receivedAt'];

async function stageImport(given: unknown, context: MethodContext, maxBytes: number): Promise<EmailCreate> {
  const { account, createdIds, signal } = context;
  if (!isObject(given)) throw invalidProperties([], 'An import is an object');
  const wrong = new Set(Object.keys(given).filter((name) => !importProperties.includes(name)));
  const { receivedAt, ...place } = newPlace(given, { realId: (id) => realId(id, createdIds) }, wrong);
  const { blobId } = given;
  const blob = typeof blobId === 'string' ? await openBlob(account, realId(blobId, createdIds), signal) : undefined;
  // RFC 8621 4.8: a blob that is not there is an invalid property.
  if (blob === undefined) wrong.add('blobId');
  if (wrong.size > 0 || blob === undefined) throw invalidProperties([...wrong], `wrong: ${[...wrong].join(', ')}`);
  const header = await beginningOf(blob);
  const fields = headerFields(header);
  if (fields.list().length === 0) {
    throw new SetFailure({ type: 'invalidEmail', description: 'That is no message: it has no header' });
  }
  const received = receivedAt ?? lastReceived(fields.values('received')[0]);
  const message = await stageEmail(account, blob.octets(), maxBytes, signal);
  return { message, ...place, ...(received === undefined ? {} : { receivedAt: received }) };
}

/** As much as a header may have. */
async function beginningOf(blob: OpenBlob): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of blob.octets()) {
    pieces.push(Uint8Array.from(piece.subarray(0, maxHeaderBytes - size)));
    size += piece.length;
    if (size >= maxHeaderBytes) break;
  }
  return toBinaryString(Buffer.concat(pieces));
}

/** RFC 8621 4.8: without receivedAt the date of the most recent Received field, which stands first. Seconds. */
function lastReceived(received: string | undefined): number | undefined {
  if (received === undefined) return undefined;
  const value = fieldValue(received, 0, received.length);
  const seconds = parseDate(value.slice(value.lastIndexOf(';') + 1))?.seconds;
  return seconds === undefined || seconds < 0 ? undefined : seconds;
}
