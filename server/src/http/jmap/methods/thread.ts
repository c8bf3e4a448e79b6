/** Thread/get and Thread/changes (RFC 8621 3). */
import { capability } from '@vaguemestre/shared/jmap/core';
import { maxJmapObjectsInGet } from '../../../kernel/limits.js';
import type { Emails } from '../../../mailstore/emails.js';
import { getMethod } from '../standard/get.js';
import { logChangesMethod } from '../standard/log-changes.js';
import { accountState } from '../standard/state.js';

export const threadGet = getMethod({
  name: 'Thread',
  capability: capability.mail,
  properties: ['id', 'emailIds'],
  state: ({ account }) => accountState(account),
  async read({ ids }, { account }) {
    const emails = await account.emails();
    return (ids ?? someThreads(emails)).flatMap((id) => {
      const members = emails.thread(id);
      return members.length === 0 ? [] : [{ id, emailIds: Array.from(members, (number) => emails.idAt(number)) }];
    });
  },
});

/** All, or one more than a client may get. */
function someThreads(emails: Emails): readonly string[] {
  const ids = new Set<string>();
  for (let number = 0; number < emails.count && ids.size <= maxJmapObjectsInGet; number++) {
    if (emails.isLive(number)) ids.add(emails.threadAt(number));
  }
  return [...ids];
}

export const threadChanges = logChangesMethod({ name: 'Thread', objects: ({ threads }) => threads });
