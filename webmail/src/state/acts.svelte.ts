/**
 * What the reader can do to messages, each with its sentence and its way back. All of them are one kind of change (marks and
 * mailboxes), shown at once; the notice carries the inverse. What the server refuses comes back with a sentence of its own.
 */
import type { MailboxRole } from '@vaguemestre/shared/jmap/mailbox';
import { t } from '../i18n/text.svelte.js';
import type { Outcome } from '../jmap/store/email-changes.js';
import type { EmailChange, EmailChanges, EmailRow } from '../jmap/store/email-row.js';
import { isUnread } from '../jmap/store/email-row.js';
import { mailboxOf } from '../model/view.js';
import { changeEverything } from './bulk.svelte.js';
import { list } from './list.svelte.js';
import { mail } from './mail.svelte.js';
import { route } from './route.svelte.js';
import { screen } from './screen.svelte.js';
import { toasts } from './toasts.svelte.js';

export type Say = (count: number) => string;

/** The change for one message; undefined leaves it alone. */
export type Making = (row: EmailRow) => EmailChange | undefined;

export interface ActOptions {
  readonly icon: string;
  /** The rows leave the view: the next one takes their place. */
  readonly leaves?: boolean;
  /** No notice: it is seen where it happens. */
  readonly quiet?: boolean;
}

/** Acts on rows of the list: on what they stand for, as `list.messagesOf` says. */
export function act(ids: readonly string[], make: Making, say: Say, options: ActOptions): void {
  if (list.everything && ids.length === list.targets.length) {
    void changeEverything(make, say, options.icon);
    list.clear();
    return;
  }
  const changes = new Map<string, EmailChange>();
  for (const id of ids) {
    for (const row of list.messagesOf(id)) {
      const change = make(row);
      if (change !== undefined) changes.set(row.id, change);
    }
  }
  if (options.leaves) stepOver(ids);
  apply(changes, say, ids.length, options);
}

export function apply(changes: EmailChanges, say: Say, count: number, options: ActOptions): void {
  if (changes.size === 0) return;
  const done = mail.store.change(changes);
  void hear(done.outcome);
  list.clear();
  if (options.quiet || done.inverse.size === 0) return;
  toasts.say(say(count), {
    icon: options.icon,
    undo: () => {
      const back = mail.store.change(done.inverse);
      void hear(back.outcome);
      toasts.say(t.text.undone, { forMs: 3000 });
    },
  });
}

async function hear(outcome: Promise<Outcome>): Promise<void> {
  try {
    const { refused } = await outcome;
    if (refused.size > 0) toasts.say(t.text.toasts.refused(refused.size), { tone: 'trouble' });
  } catch {
    toasts.say(t.text.toasts.failed, { tone: 'trouble' });
  }
}

/** The keyboard, and the open message, go to the row after those that leave; to the one before at the end of the list. */
function stepOver(leaving: readonly string[]): void {
  const { query } = list;
  if (query === undefined) return;
  const gone = new Set(leaving);
  const wasOpen = list.openRow !== undefined && gone.has(list.openRow);
  if (!wasOpen && (list.cursor === undefined || !gone.has(list.cursor))) return;
  const start = query.indexOf(list.openRow ?? list.cursor ?? '');
  const total = query.total ?? 0;
  let next: string | undefined;
  for (let index = start + 1; index < total && next === undefined; index++) {
    const id = query.idAt(index);
    if (id === undefined) break;
    if (!gone.has(id)) next = id;
  }
  for (let index = start - 1; index >= 0 && next === undefined; index--) {
    const id = query.idAt(index);
    if (id !== undefined && !gone.has(id)) next = id;
  }
  list.cursor = next;
  if (!wasOpen) return;
  if (next === undefined || screen.phone) route.go({ thread: undefined }, { replace: true });
  else list.open(next, { replace: true });
}

/** Takes a message out of the view's mailbox, or of all when the view is of none, and lays it into another. */
export function moveInto(target: string): Making {
  const from = mailboxOf(route.place.view, mail.store.mailboxes.all())?.id;
  return (row) => {
    const leave = from !== undefined && row.mailboxIds[from] === true ? [from] : Object.keys(row.mailboxIds);
    const mailboxes: Record<string, boolean> = {};
    for (const id of leave) mailboxes[id] = false;
    mailboxes[target] = true;
    return { mailboxes };
  };
}

function moveToRole(role: MailboxRole, say: Say, icon: string, keywords?: Record<string, boolean>): void {
  const target = mail.store.mailboxOf(role);
  if (target === undefined) return;
  const move = moveInto(target.id);
  const isMine = (row: EmailRow): boolean => {
    const { sent, drafts } = { sent: mail.store.mailboxOf('sent'), drafts: mail.store.mailboxOf('drafts') };
    // What one wrote oneself stays where it lies when a conversation is put away: it is neither spam nor back from it.
    return role !== 'trash' && [sent, drafts].some((box) => box !== undefined && row.mailboxIds[box.id] === true);
  };
  act(
    list.targets,
    (row) => (isMine(row) ? undefined : { ...move(row), ...(keywords === undefined ? {} : { keywords }) }),
    say,
    { icon, leaves: true },
  );
}

const hasTargets = (): boolean => list.everything || list.targets.length > 0;
const viewRole = (): MailboxRole | undefined => {
  const { view } = route.place;
  return view.kind === 'role' ? view.role : undefined;
};
const some = (test: (row: EmailRow) => boolean): boolean => list.targets.some((id) => list.messagesOf(id).some(test));

export const acts = {
  hasTargets,
  viewRole,
  archive: () => moveToRole('archive', t.text.toasts.archived, 'archive'),
  trash: () => moveToRole('trash', t.text.toasts.trashed, 'trash'),
  junk: () => moveToRole('junk', t.text.toasts.junk, 'junk', { $junk: true, $notjunk: false }),
  notJunk: () =>
    moveToRole('inbox', t.text.toasts.notJunk, 'inbox', { $junk: false, $notjunk: true, $phishing: false }),
  phishing: () => moveToRole('junk', t.text.toasts.phishing, 'junk', { $junk: true, $notjunk: false, $phishing: true }),
  moveTo(target: string, name: string, ids: readonly string[] = list.targets): void {
    act(ids, moveInto(target), (count) => t.text.toasts.moved(count, name), { icon: 'move', leaves: true });
  },
  /** Unread if anything chosen is read, and the other way round: as the command says. */
  get wouldRead(): boolean {
    return list.everything || some(isUnread);
  },
  markRead(read: boolean): void {
    const say = read ? t.text.toasts.read : t.text.toasts.unread;
    act(list.targets, () => ({ keywords: { $seen: read } }), say, { icon: 'read', quiet: list.targets.length < 2 });
  },
  get wouldFlag(): boolean {
    return list.everything || !some((row) => row.keywords['$flagged'] === true);
  },
  flag(on: boolean): void {
    const say = on ? t.text.toasts.flagged : t.text.toasts.unflagged;
    const ids = list.targets;
    if (on && list.collapsed && !list.everything) {
      // The flag of a conversation stands on the message its row shows.
      const changes = new Map<string, EmailChange>(ids.map((id) => [id, { keywords: { $flagged: true } }]));
      apply(changes, say, ids.length, { icon: 'flag', quiet: ids.length < 2 });
      return;
    }
    act(ids, () => ({ keywords: { $flagged: on } }), say, { icon: 'flag', quiet: ids.length < 2 });
  },
  hasLabel: (keyword: string): boolean => some((row) => row.keywords[keyword] === true),
  label(keyword: string, name: string, on: boolean, ids: readonly string[] = list.targets): void {
    const say: Say = (count) => (on ? t.text.toasts.labelled(count, name) : t.text.toasts.unlabelled(count, name));
    act(ids, () => ({ keywords: { [keyword]: on } }), say, { icon: 'label' });
  },
  async destroy(): Promise<void> {
    const ids = list.targets.flatMap((id) => list.messagesOf(id).map((row) => row.id));
    stepOver(list.targets);
    list.clear();
    toasts.say(t.text.toasts.destroyed(ids.length), { icon: 'trash' });
    await hear(mail.store.destroy(ids));
  },
};
