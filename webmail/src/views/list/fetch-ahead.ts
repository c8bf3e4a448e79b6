/**
 * What the reader is likely to open next is fetched while nothing else is to be done: the reading pane itself, and the first
 * messages of the list that were not read. Never where the link is paid by the byte (message-shelf.ts).
 */
import { type EmailRow, isUnread } from '../../jmap/store/email-row.js';
import type { MailStore } from '../../jmap/store/mail-store.js';
import { whenIdle } from '../../state/idle.js';
import { preferences } from '../../state/preferences.svelte.js';
import { loadReading } from '../reading/load-reading.js';

const mostMessages = 10;
const mostRows = 40;

/** `ids` from the top of the list. Nothing is said when it fails. */
export function fetchAhead(store: MailStore, ids: readonly string[]): void {
  whenIdle(() => void fetchNow(store, ids).catch(() => {}));
}

async function fetchNow(store: MailStore, ids: readonly string[]): Promise<void> {
  const { savesData, shelfOf } = await import('../../reading/message-shelf.js');
  if (savesData()) return;
  await loadReading(preferences.language);
  const rows = ids.slice(0, mostRows).map((id) => store.emails.get(id));
  const unread = rows.filter((row): row is EmailRow => row !== undefined && isUnread(row));
  shelfOf(store.client).fetchAhead(unread.slice(0, mostMessages));
}
