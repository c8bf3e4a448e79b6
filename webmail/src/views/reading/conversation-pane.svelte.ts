/**
 * The state of the open conversation and what can be done in it, apart from how it is drawn: which cards there are, what is
 * read, printed, kept, fetched ahead. Made while its component is made; its commands are in the registry while that is there.
 */
import { onMount, tick, untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { formatNumber } from '../../i18n/format.js';
import type { JmapClient } from '../../jmap/client.js';
import { type EmailRow, isUnread } from '../../jmap/store/email-row.js';
import { ask } from '../../jmap/transport.js';
import { registerCommands } from '../../keys/commands.js';
import { type Acquaintance, type Acquaintances, createAcquaintances } from '../../reading/acquaintance.js';
import type { BannerNotice } from '../../reading/banners.js';
import { conversationRows, isDraft, loadConversation, stacked } from '../../reading/conversation.js';
import { shelfOf } from '../../reading/message-shelf.js';
import { noticesOf } from '../../reading/notices.js';
import { createOpenConversation } from '../../reading/open-conversation.svelte.js';
import type { OpenMessage } from '../../reading/open-message.js';
import { keepFrom, messageFile } from '../../reading/part-download.js';
import { headerText } from '../../reading/person.js';
import { words } from '../../reading/words/text.svelte.js';
import { list } from '../../state/list.svelte.js';
import { mail } from '../../state/mail.svelte.js';
import { preferences, textSizes } from '../../state/preferences.svelte.js';
import { reader } from '../../state/reader.svelte.js';
import { reading } from '../../state/reading.svelte.js';
import { route } from '../../state/route.svelte.js';
import { writing } from '../../state/writing.svelte.js';
import { readingCommands } from './reading-commands.js';

/** Read is what was in view for a moment, not what was passed over; or as the reader chose. */
const readAfterMs = { atOnce: 0, moment: 1_200, never: undefined } as const;

const nextSize = (by: number): number | undefined =>
  textSizes[textSizes.findIndex((size) => size === preferences.textSize) + by];

/** Lists that were left on this page: what is still to come of them does not ask again. */
const left = new SvelteSet<string>();
const listOf = (message: OpenMessage): string =>
  String(message['header:List-Id:asText'] ?? message.from?.[0]?.email ?? '').toLowerCase();

const mostExpanded = 100;

export type ConversationPane = ReturnType<typeof createConversationPane>;

let known: { readonly client: JmapClient; readonly acquaintances: Acquaintances } | undefined;

/** What is known of senders serves the whole page. */
async function judge(message: OpenMessage): Promise<Acquaintance | undefined> {
  const { client } = mail.store;
  const [from] = message.from ?? [];
  if (from === undefined || mail.isMe(from.email)) return undefined;
  if (known?.client !== client) known = { client, acquaintances: createAcquaintances(client, ask) };
  return known.acquaintances.of(from, message.id);
}

/** `host` is the element that holds the cards. */
export function createConversationPane(threadId: string, host: () => HTMLElement) {
  const { store } = mail;
  const shelf = shelfOf(store.client);
  const conversation = createOpenConversation(store, shelf, threadId, judge);
  /** Seen from the trash, from spam or from a search, what lies there belongs to it. */
  const withBins = $derived.by(() => {
    const { view } = route.place;
    return view.kind === 'role' ? view.role === 'trash' || view.role === 'junk' : view.kind !== 'folder';
  });
  const rows = $derived(conversationRows(store, threadId, withBins));
  const subject = $derived(headerText(rows?.[0]?.subject ?? '', 400) || words.text.noSubject);
  const at = $derived(list.openRow === undefined ? -1 : (list.query?.indexOf(list.openRow) ?? -1));
  const position = $derived.by(() => {
    const total = list.query?.total;
    const { language } = preferences;
    if (at < 0 || total === undefined) return undefined;
    return words.text.position(formatNumber(language, at + 1), formatNumber(language, total));
  });
  let allCards = $state(false);
  const cards = $derived(stacked(rows ?? [], conversation.isOpen, !allCards));
  const readIds = $derived((rows ?? []).filter((row) => !isDraft(row)).map((row) => row.id));
  const held = $derived(
    [...conversation.views.values()].filter((view) => view.images === 'held' || view.images === 'failed'),
  );
  let phase = $state<'loading' | 'here' | 'gone' | 'failed'>('loading');
  let source = $state<string>();
  let leaving = $state.raw<OpenMessage>();
  const darkened = new SvelteSet<string>();
  const detailed = new SvelteSet<string>();

  const notices = $derived.by((): readonly BannerNotice[] => {
    const open = (rows ?? []).filter((row) => conversation.isOpen(row.id));
    return noticesOf(
      open.map((row) => ({ row, view: conversation.viewOf(row.id) })),
      words.text,
      {
        authservId: reader.person?.authservId,
        isMine: mail.isMe,
        left: (message) => left.has(listOf(message)),
        leave: (message) => {
          leaving = message;
        },
      },
    );
  });

  async function load(): Promise<void> {
    phase = 'loading';
    try {
      phase = await loadConversation(store, threadId);
    } catch {
      phase = 'failed';
    }
  }

  $effect(() => {
    if (rows) untrack(() => conversation.meet(rows));
  });
  $effect(() => {
    // A thread that grew has messages whose rows are not here yet.
    const thread = store.threads.get(threadId);
    if (thread?.emailIds.some((id) => !store.emails.has(id))) untrack(() => void load());
  });
  $effect(() => {
    reading.messageId = conversation.current;
  });
  $effect(() => {
    const isSeen = (row: EmailRow): boolean =>
      conversation.isOpen(row.id) && conversation.viewOf(row.id)?.status === 'ready';
    const unread = (rows ?? []).filter((row) => isUnread(row) && isSeen(row));
    const afterMs = readAfterMs[preferences.markRead];
    if (unread.length === 0 || afterMs === undefined) return;
    const timer = setTimeout(() => {
      if (document.visibilityState !== 'visible') return;
      store.change(new Map(unread.map((row) => [row.id, { keywords: { $seen: true } }])));
    }, afterMs);
    return () => clearTimeout(timer);
  });
  /** After the message itself: what one is likely to open next. */
  $effect(() => {
    const ids = [1, -1, 2].map((by) => (at < 0 ? undefined : list.query?.idAt(at + by)));
    const next = ids
      .map((id) => (id === undefined ? undefined : store.emails.get(id)))
      .filter((row) => row !== undefined);
    const busy = [...conversation.views.values()].some((view) => view.status === 'loading');
    if (!busy && next.length > 0) shelf.fetchAhead(next.map(({ id, size }) => ({ id, size })));
  });

  async function focusCard(id: string | undefined): Promise<void> {
    if (id === undefined) return;
    conversation.current = id;
    await tick();
    const card = host().querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: 'nearest' });
  }

  function move(by: number): void {
    const ids = cards.flatMap((card) => (card.kind === 'card' ? [card.row.id] : []));
    const from = ids.indexOf(conversation.current ?? '');
    void focusCard(ids[Math.max(0, Math.min(ids.length - 1, from + by))]);
  }

  function open(id: string): void {
    const row = rows?.find((one) => one.id === id);
    if (row && isDraft(row)) {
      writing.resume(id);
      return;
    }
    conversation.unfold(id);
    void focusCard(id);
  }

  function fold(id: string): void {
    conversation.fold(id);
    void focusCard(id);
  }

  function save(id: string): void {
    const message = conversation.viewOf(id)?.message;
    if (!message) return;
    const file = messageFile(store.client.session, store.client.accountId, message);
    keepFrom(file.name, file.address);
  }

  async function print(ids: readonly string[]): Promise<void> {
    const title = subject;
    const { printViews } = await import('../../reading/printed.js');
    const views = ids.map(conversation.prepare);
    await printViews(views, title, preferences.language, words.text);
  }

  function expandAll(): void {
    // Each is a frame of its own: of a list's thread of hundreds the newest open.
    for (const id of readIds.slice(-mostExpanded)) conversation.unfold(id);
  }

  const onCurrent = (run: (id: string) => void) => () => {
    if (conversation.current !== undefined) run(conversation.current);
  };
  const commands = readingCommands({
    move,
    hasCurrent: () => conversation.current !== undefined,
    toggle: onCurrent((id) => (conversation.isOpen(id) ? fold(id) : open(id))),
    canExpand: () => readIds.some((id) => !conversation.isOpen(id)),
    expandAll,
    hasHeldImages: () => held.length > 0,
    showImages: () => {
      for (const view of held) void view.showImages();
    },
    toggleDetails: onCurrent((id) => turn(detailed, id)),
    canPrint: () => readIds.length > 0,
    print: () => void print(readIds),
    showSource: onCurrent((id) => {
      source = id;
    }),
    save: onCurrent(save),
    canResize: (by) => nextSize(by) !== undefined,
    resize: (by) => {
      preferences.textSize = nextSize(by) ?? preferences.textSize;
    },
  });

  onMount(() => {
    void load();
    const forget = registerCommands(commands);
    return () => {
      forget();
      conversation.close();
      reading.messageId = undefined;
    };
  });

  return {
    conversation,
    /** Ids of the messages whose colours were darkened, and of those whose headers are all told. */
    darkened,
    detailed,
    load,
    open,
    fold,
    save,
    print,
    showAllCards: (): void => {
      allCards = true;
    },
    get rows() {
      return rows;
    },
    get subject() {
      return subject;
    },
    get position() {
      return position;
    },
    get cards() {
      return cards;
    },
    get phase() {
      return phase;
    },
    get notices() {
      return notices;
    },
    /** The message whose list the reader is about to leave. */
    get leaving() {
      return leaving;
    },
    stopLeaving: (done: boolean): void => {
      if (done && leaving !== undefined) left.add(listOf(leaving));
      leaving = undefined;
    },
    /** The message whose source is looked at. */
    get source() {
      return source === undefined ? undefined : conversation.viewOf(source)?.message;
    },
    showSource: (id: string | undefined): void => {
      source = id;
    },
  };
}

export function turn(set: SvelteSet<string>, id: string): void {
  if (!set.delete(id)) set.add(id);
}
