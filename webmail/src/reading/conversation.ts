/**
 * The messages of a conversation as rows, oldest first (RFC 8621 3: a Thread's emailIds are sorted by when they came). What
 * lies only in the trash or among spam is left out, unless it is looked at from there, or everything does.
 */
import type { MailboxRole } from '@vaguemestre/shared/jmap/mailbox';
import { type EmailRow, isUnread, rowProperties } from '../jmap/store/email-row.js';
import type { MailStore } from '../jmap/store/mail-store.js';

/** Watched. undefined: not known yet. */
export function conversationRows(
  store: MailStore,
  threadId: string,
  withBins: boolean,
): readonly EmailRow[] | undefined {
  const thread = store.threads.get(threadId);
  if (!thread) return undefined;
  const rows = thread.emailIds.map((id) => store.emails.get(id)).filter((row) => row !== undefined);
  if (rows.length === 0) return undefined;
  if (withBins) return rows;
  const hidden = new Set((['trash', 'junk'] satisfies MailboxRole[]).map((role) => store.mailboxOf(role)?.id));
  const kept = rows.filter((row) => Object.keys(row.mailboxIds).some((id) => !hidden.has(id)));
  return kept.length > 0 ? kept : rows;
}

/** Fetches what is missing of it. Rejects with a JmapFailure. */
export async function loadConversation(store: MailStore, threadId: string): Promise<'here' | 'gone'> {
  const { client, threads, emails } = store;
  if (!threads.has(threadId)) {
    const { list } = await client.call('Thread/get', { ids: [threadId] }).result;
    threads.put(list);
  }
  const thread = threads.get(threadId);
  if (!thread) return 'gone';
  const missing = thread.emailIds.filter((id) => !emails.has(id));
  if (missing.length > 0) {
    const { list } = await client.call('Email/get', { ids: missing, properties: [...rowProperties] }).result;
    emails.put(list as readonly EmailRow[]);
  }
  return thread.emailIds.some((id) => emails.has(id)) ? 'here' : 'gone';
}

/** More at once would hold up the page, and nobody reads them at once. */
const mostOpenAtFirst = 25;

/** Those that are open at first: the newest of what was not read, and the last one. */
export function openAtFirst(rows: readonly EmailRow[]): Set<string> {
  const unread = rows.filter((row) => isUnread(row) && !isDraft(row));
  const open = new Set(unread.slice(-mostOpenAtFirst).map((row) => row.id));
  const last = rows.findLast((row) => !isDraft(row));
  if (last) open.add(last.id);
  return open;
}

export const isDraft = (row: EmailRow): boolean => row.keywords['$draft'] === true;

/** Cards in a row that are folded; more than three of them stand as one. */
export type Stack =
  | { readonly kind: 'card'; readonly row: EmailRow }
  | { readonly kind: 'stack'; readonly rows: readonly EmailRow[] };

export function stacked(rows: readonly EmailRow[], isOpen: (id: string) => boolean, stacks: boolean): Stack[] {
  const out: Stack[] = [];
  let folded: EmailRow[] = [];
  const flush = (): void => {
    if (stacks && folded.length > 3) {
      // The first stays: it says what it is all about.
      const [first, ...rest] = folded;
      out.push({ kind: 'card', row: first! }, { kind: 'stack', rows: rest });
    } else {
      out.push(...folded.map((row): Stack => ({ kind: 'card', row })));
    }
    folded = [];
  };
  for (const row of rows) {
    if (isOpen(row.id)) {
      flush();
      out.push({ kind: 'card', row });
    } else {
      folded.push(row);
    }
  }
  flush();
  return out;
}
