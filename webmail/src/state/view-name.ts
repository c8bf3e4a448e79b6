/** What a view and a mailbox are called on the page. A mailbox with a role has our name for it; others keep their own. */
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { t } from '../i18n/text.svelte.js';
import { pathName } from '../model/folder-tree.js';
import type { View } from '../model/view.js';
import { labels } from './labels.svelte.js';
import { mail } from './mail.svelte.js';

export function boxName(box: Mailbox): string {
  return box.role === null ? box.name : t.text.roles[box.role];
}

export function boxPath(box: Mailbox): string {
  return pathName(box, mail.store.mailboxes.all(), boxName);
}

export function viewName(view: View): string {
  switch (view.kind) {
    case 'role':
      return t.text.roles[view.role];
    case 'folder': {
      const box = mail.store.mailboxes.get(view.id);
      return box === undefined ? t.text.folders : boxName(box);
    }
    case 'label':
      return labels.of(view.keyword).name;
    case 'flagged':
      return t.text.roles.flagged;
    case 'toMe':
    case 'outbox':
      return t.text.roles[view.kind];
    case 'unknown':
      return t.text.noSuchPage;
    case 'all':
      return t.text.roles.all;
    case 'search':
      return t.text.found;
  }
}
