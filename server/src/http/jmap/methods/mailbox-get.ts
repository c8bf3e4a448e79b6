/** Mailbox/get and Mailbox/changes (RFC 8621 2.1, 2.2). */
import { capability } from '@vaguemestre/shared/jmap/core';
import { countProperties, mailboxObject, mailboxProperties, namedMailboxes } from '../mailbox/mailbox-object.js';
import { changesMethod } from '../standard/changes.js';
import { getMethod } from '../standard/get.js';
import { changesFromLog } from '../standard/log-changes.js';
import { accountState } from '../standard/state.js';

export const mailboxGet = getMethod({
  name: 'Mailbox',
  capability: capability.mail,
  properties: mailboxProperties,
  state: ({ account }) => accountState(account),
  async read({ ids, properties }, { account }) {
    const wanted = ids && new Set(ids);
    // Counting needs the emails of the account: only for those who ask.
    const counted = countProperties.some((name) => properties.has(name));
    const emails = counted ? await account.emails() : undefined;
    return namedMailboxes(account)
      .filter(({ id }) => wanted?.has(id) ?? true)
      .map((mailbox) => mailboxObject(mailbox, emails?.counts(mailbox.id)));
  },
});

export const mailboxChanges = changesMethod({
  name: 'Mailbox',
  capability: capability.mail,
  async changes(sinceState, maxChanges, { account }) {
    const { changes, newState, hasMoreChanges } = await changesFromLog(
      account,
      sinceState,
      maxChanges,
      ({ mailboxes }) => mailboxes,
    );
    const { created, updated, destroyed } = changes.mailboxes;
    // RFC 8621 2.2: the client then gets no more than the counts anew.
    const onlyCounts = updated.length > 0 && updated.every((id) => changes.onlyCounts.has(id));
    return {
      newState,
      hasMoreChanges,
      created,
      updated,
      destroyed,
      more: { updatedProperties: onlyCounts ? countProperties : null },
    };
  },
});
