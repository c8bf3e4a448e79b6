/** Blob/copy (RFC 8620 6.3): a person has one account, so there is no other to copy from. */
import { capability } from '@vaguemestre/shared/jmap/core';
import { type JmapMethod, MethodError } from '../method.js';
import { invalidArguments, readArguments } from '../standard/arguments.js';

export const blobCopy: JmapMethod = {
  name: 'Blob/copy',
  capability: capability.core,
  async run(rawArguments) {
    const args = readArguments(rawArguments);
    const from = args.string('fromAccountId');
    if (args.ids('blobIds') === undefined) throw invalidArguments('blobIds must be given');
    args.done();
    if (from === args.accountId) throw invalidArguments('The blobs are in that account already');
    throw new MethodError('fromAccountNotFound', 'There is no such account to copy from');
  },
};
