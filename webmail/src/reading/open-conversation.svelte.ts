/**
 * The conversation that is open: which messages are unfolded, the state of each, which one the keyboard is on.
 */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { EmailRow } from '../jmap/store/email-row.js';
import type { MailStore } from '../jmap/store/mail-store.js';
import { isDraft, openAtFirst } from './conversation.js';
import type { MessageShelf } from './message-shelf.js';
import type { MessageView } from './message-state.js';
import { createMessageView, type MessageViewContext } from './message-view.svelte.js';
import { words } from './words/text.svelte.js';

export interface OpenConversation {
  readonly threadId: string;
  isOpen(id: string): boolean;
  /** The state of an unfolded message; it is asked for when it is unfolded. */
  viewOf(id: string): MessageView | undefined;
  readonly views: ReadonlyMap<string, MessageView>;
  /** The state of a message that stays folded: for printing. */
  prepare(id: string): MessageView;
  /** The card the keyboard is on. */
  current: string | undefined;
  /** Called when the rows are known, and again when there are more: new ones unfold. */
  meet(rows: readonly EmailRow[]): void;
  unfold(id: string): void;
  fold(id: string): void;
  close(): void;
}

export function createOpenConversation(
  store: MailStore,
  shelf: MessageShelf,
  threadId: string,
  judge: NonNullable<MessageViewContext['judge']>,
): OpenConversation {
  const unfolded = new SvelteSet<string>();
  const views = new SvelteMap<string, MessageView>();
  const met = new Set<string>();
  let current = $state<string>();

  function unfold(id: string): void {
    unfolded.add(id);
    current = id;
    void prepare(id).open();
  }

  function prepare(id: string): MessageView {
    let view = views.get(id);
    if (view === undefined) {
      view = createMessageView({
        client: store.client,
        fetch: () => shelf.fetch(id),
        quotedWords: () => words.text.quoted,
        judge,
      });
      views.set(id, view);
    }
    return view;
  }

  return {
    threadId,
    isOpen: (id) => unfolded.has(id),
    viewOf: (id) => views.get(id),
    views,
    get current() {
      return current;
    },
    set current(id) {
      current = id;
    },
    meet: (rows) => {
      const news = rows.filter((row) => !met.has(row.id));
      const first = met.size === 0;
      for (const row of news) met.add(row.id);
      if (news.length === 0) return;
      if (first) for (const id of openAtFirst(rows)) unfold(id);
      else for (const row of news) if (!isDraft(row)) unfold(row.id);
      if (first) current = rows.findLast((row) => !isDraft(row))?.id;
    },
    prepare,
    unfold,
    fold: (id) => {
      unfolded.delete(id);
    },
    close: () => {
      for (const view of views.values()) view.close();
    },
  };
}
