/** Mailbox/query and Mailbox/queryChanges (RFC 8621 2.3, 2.4). */
import { capability } from '@vaguemestre/shared/jmap/core';
import { listMailboxes, type MailboxQuery, readMailboxQuery, withDescendants } from '../mailbox/mailbox-list.js';
import { changesFromLog } from '../standard/log-changes.js';
import { deltaOfChanged, idList, queryChangesMethod, queryMethod } from '../standard/query.js';
import { accountState } from '../standard/state.js';

const common = {
  name: 'Mailbox',
  capability: capability.mail,
  parse: readMailboxQuery,
};

export const mailboxQuery = queryMethod<MailboxQuery>({
  ...common,
  results: (query, context) => ({
    queryState: accountState(context.account),
    canCalculateChanges: true,
    ids: idList(listMailboxes(query, context)),
  }),
});

export const mailboxQueryChanges = queryChangesMethod<MailboxQuery>({
  ...common,
  async delta(query, { state }, context) {
    const { account } = context;
    const { changes, newState } = await changesFromLog(account, state, undefined, ({ mailboxes }) => mailboxes);
    const { created, updated, destroyed } = changes.mailboxes;
    // Counts are neither filtered nor sorted by.
    const changed = [...created, ...updated.filter((id) => !changes.onlyCounts.has(id)), ...destroyed];
    // In a tree the place of a mailbox, and whether it is found, depends on those above it too.
    const moved = query.sortAsTree || query.filterAsTree ? withDescendants(changed, context) : new Set(changed);
    return { newQueryState: newState, ...deltaOfChanged(listMailboxes(query, context), moved) };
  },
});
