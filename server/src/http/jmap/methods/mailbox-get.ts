/** Mailbox/get and Mailbox/changes (RFC 8621 2.1, 2.2). */
import { capability } from '@vaguemestre/shared/jmap/core';
import { countProperties, mailboxObject, mailboxProperties, namedMailboxes } from '../mailbox/mailbox-object.js';
import { getMethod } from '../standard/get.js';
import { logChangesMethod } from '../standard/log-changes.js';
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

export const mailboxChanges = logChangesMethod({
  name: 'Mailbox',
  objects: ({ mailboxes }) => mailboxes,
  more({ mailboxes: { updated }, onlyCounts }) {
    // RFC 8621 2.2: the client then gets no more than the counts anew.
    const counts = updated.length > 0 && updated.every((id) => onlyCounts.has(id));
    return { updatedProperties: counts ? countProperties : null };
  },
});
