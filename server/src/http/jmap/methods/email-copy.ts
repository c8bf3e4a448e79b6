/** Email/copy (RFC 8621 4.7, RFC 8620 5.4): between accounts, and a person has one. */
import { capability } from '@vaguemestre/shared/jmap/core';
import { type JmapMethod, MethodError } from '../method.js';
import { invalidArguments, readArguments } from '../standard/arguments.js';

export const emailCopy: JmapMethod = {
  name: 'Email/copy',
  capability: capability.mail,
  async run(rawArguments) {
    const args = readArguments(rawArguments);
    const from = args.string('fromAccountId');
    args.optionalString('ifFromInState');
    args.optionalString('ifInState');
    if (args.object('create') === undefined) throw invalidArguments('create is missing', { arguments: ['create'] });
    args.boolean('onSuccessDestroyOriginal', false);
    args.optionalString('destroyFromIfInState');
    args.done();
    // RFC 8620 5.4: within one account an email is put into a further mailbox by Email/set.
    if (from === args.accountId) {
      throw invalidArguments('fromAccountId and accountId must differ', { arguments: ['fromAccountId'] });
    }
    throw new MethodError('fromAccountNotFound', 'There is no such account');
  },
};
