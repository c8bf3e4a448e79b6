/** Email/changes (RFC 8621 4.3). */
import { capability } from '@vaguemestre/shared/jmap/core';
import { changesMethod } from '../standard/changes.js';
import { cannotCalculateChanges, modseqOf } from '../standard/state.js';

export const emailChanges = changesMethod({
  name: 'Email',
  capability: capability.mail,
  async changes(sinceState, maxChanges, { account }) {
    const since = modseqOf(sinceState, account);
    const changes = await account.changesSince(since, maxChanges === undefined ? {} : { maxEmails: maxChanges });
    if (changes === undefined) throw cannotCalculateChanges();
    const { created, updated, destroyed } = changes.emails;
    // RFC 8620 5.2: one entry that changes more has no state in between.
    if (maxChanges !== undefined && created.length + updated.length + destroyed.length > maxChanges) {
      throw cannotCalculateChanges();
    }
    return { newState: String(changes.upTo), hasMoreChanges: changes.more, created, updated, destroyed };
  },
});
