/**
 * A mailstore in memory: the smallest thing that keeps the contract of `mailstore/`, so that the tests of the protocol
 * front ends are about the protocol and take milliseconds. It is a model, not a backend: nothing is durable, everything
 * scans. Faults can be planted (`failNext`), commits can be held back (`hold`).
 */
import { MailError } from '@vaguemestre/server/kernel/errors';
import {
  type AccountId,
  type MailboxId,
  type MessageId,
  type ModSeq,
  newMailboxId,
  type ThreadId,
} from '@vaguemestre/server/kernel/ids';
import type { Account, AppendItem, CopyResult, FlagChange, FlagResult } from '@vaguemestre/server/mailstore/account';
import type { IncomingMessage, MessageCard, MessageOctets, StagedMessage } from '@vaguemestre/server/mailstore/content';
import { deletedBit, type FlagWords, seenBit, systemFlags } from '@vaguemestre/server/mailstore/flags';
import type {
  LazyColumn,
  MailboxCursor,
  MailboxDelta,
  MailboxInfo,
  MailboxRole,
  MailboxView,
  SearchRows,
} from '@vaguemestre/server/mailstore/mailbox';
import type { Mailstore } from '@vaguemestre/server/mailstore/mailstore';
import type { SearchQuery } from '@vaguemestre/server/mailstore/search-query';
import { memorySearch } from './memory-search.js';

export interface ModelMessage {
  readonly uid: number;
  readonly id: string;
  readonly octets: Buffer;
  readonly date: number;
  flags: FlagWords;
  modseq: number;
  /** Who changed its flags, and when: [modseq, session]. */
  readonly touched: [number, string][];
}

export interface ModelMailbox {
  readonly id: MailboxId;
  path: string;
  role: MailboxRole | undefined;
  uidValidity: number;
  uidNext: number;
  highestModseq: number;
  messages: ModelMessage[];
  gone: { uid: number; modseq: number }[];
  deleted: boolean;
}

/** What one account holds, shared by all handles. */
export interface ModelState {
  readonly id: AccountId;
  modseq: number;
  readonly keywords: string[];
  maxKeywords: number;
  readonly mailboxes: ModelMailbox[];
  readonly subscriptions: Set<string>;
  quotaBytes: number | undefined;
  readonly listeners: Set<() => void>;
  nextId: number;
  nextUidValidity: number;
  /** The next call of that name throws this. */
  readonly failNext: Map<string, unknown>;
  /** Commits wait for it. */
  hold: Promise<void> | undefined;
  /** Names of the calls that change something, in order. */
  readonly calls: string[];
  /** What messages were called on another server, by uid of a mailbox. */
  readonly uidls: Map<MailboxId, Map<number, string>>;
}

export type CardMaker = (octets: Buffer) => { envelope: Uint8Array; bodyStructure: Uint8Array; headers: Uint8Array };

const newState = (id: AccountId): ModelState => ({
  id,
  modseq: 1,
  keywords: [],
  maxKeywords: 123,
  mailboxes: [],
  subscriptions: new Set(),
  quotaBytes: undefined,
  listeners: new Set(),
  nextId: 1,
  nextUidValidity: 1000,
  failNext: new Map(),
  hold: undefined,
  calls: [],
  uidls: new Map(),
});

export interface MemoryMailstore extends Mailstore {
  state(account: AccountId): ModelState;
  /** Puts a message there as a delivery by LMTP would. */
  deliver(account: AccountId, path: string, octets: Buffer | string, flags?: readonly string[]): number;
}

export function createMemoryMailstore(makeCard: CardMaker): MemoryMailstore {
  const states = new Map<AccountId, ModelState>();
  const stateOf = (id: AccountId): ModelState => {
    const known = states.get(id);
    if (known !== undefined) return known;
    const state = newState(id);
    states.set(id, state);
    const roles: [string, MailboxRole][] = [
      ['INBOX', 'inbox'],
      ['Drafts', 'drafts'],
      ['Junk', 'junk'],
      ['Sent', 'sent'],
      ['Trash', 'trash'],
    ];
    for (const [path, role] of roles) {
      addMailbox(state, path, role);
      state.subscriptions.add(path);
    }
    return state;
  };
  return {
    state: stateOf,
    deliver(account, path, octets, flags = []) {
      const state = stateOf(account);
      const mailbox = find(state, path);
      const uid = insert(state, mailbox, Buffer.from(octets), flags, 1_700_000_000).uid;
      notify(state);
      return uid;
    },
    async createAccount(account) {
      stateOf(account);
    },
    collect: async () => undefined,
    async removeAccount(account) {
      states.delete(account);
    },
    async openAccount(account, options) {
      const state = stateOf(account);
      if (options.quotaBytes !== undefined) state.quotaBytes = options.quotaBytes;
      return openHandle(state, options.by, makeCard);
    },
    beginDelivery() {
      throw new Error('the model takes deliveries by deliver()');
    },
  };
}

function addMailbox(state: ModelState, path: string, role: MailboxRole | undefined): ModelMailbox {
  const mailbox: ModelMailbox = {
    id: newMailboxId(),
    path,
    role,
    uidValidity: state.nextUidValidity++,
    uidNext: 1,
    highestModseq: ++state.modseq,
    messages: [],
    gone: [],
    deleted: false,
  };
  state.mailboxes.push(mailbox);
  return mailbox;
}

function addParents(state: ModelState, path: string): void {
  const levels = path.split('/');
  for (let depth = 1; depth < levels.length; depth++) {
    const parent = levels.slice(0, depth).join('/');
    if (!state.mailboxes.some((each) => each.path === parent)) addMailbox(state, parent, undefined);
  }
}

function find(state: ModelState, path: string): ModelMailbox {
  const mailbox = state.mailboxes.find((each) => each.path === path);
  if (mailbox === undefined) throw new MailError('nonexistent', 'No such mailbox');
  return mailbox;
}

function byId(state: ModelState, id: MailboxId): ModelMailbox {
  const mailbox = state.mailboxes.find((each) => each.id === id);
  if (mailbox === undefined) throw new MailError('nonexistent', 'No such mailbox');
  return mailbox;
}

function notify(state: ModelState): void {
  const listeners = [...state.listeners];
  setImmediate(() => {
    for (const listener of listeners) listener();
  });
}

function wordsOf(state: ModelState, names: readonly string[], create = true): FlagWords {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  for (const name of names) {
    const folded = name.toLowerCase();
    let bit = systemFlags.findIndex((flag) => flag.toLowerCase() === folded);
    if (bit < 0) {
      let keyword = state.keywords.findIndex((each) => each.toLowerCase() === folded);
      if (keyword < 0) {
        if (!create) continue;
        if (state.keywords.length >= state.maxKeywords) throw new MailError('limit', 'Too many keywords');
        keyword = state.keywords.push(name) - 1;
      }
      bit = 5 + keyword;
    }
    const word = (bit >> 5) as 0 | 1 | 2 | 3;
    words[word] = (words[word] | (1 << (bit & 31))) >>> 0;
  }
  return words;
}

function insert(
  state: ModelState,
  mailbox: ModelMailbox,
  octets: Buffer,
  flags: readonly string[],
  date: number,
): ModelMessage {
  const id = (state.nextId++).toString(16).padStart(24, '0');
  return insertAs(state, mailbox, { id, octets, flags: wordsOf(state, flags), date }, ++state.modseq);
}

function insertAs(
  _state: ModelState,
  mailbox: ModelMailbox,
  from: Pick<ModelMessage, 'id' | 'octets' | 'flags' | 'date'>,
  modseq: number,
): ModelMessage {
  const message: ModelMessage = { ...from, uid: mailbox.uidNext++, modseq, touched: [] };
  mailbox.messages.push(message);
  mailbox.highestModseq = modseq;
  return message;
}

function remove(mailbox: ModelMailbox, uids: ReadonlySet<number>, modseq: number): void {
  for (const message of mailbox.messages) if (uids.has(message.uid)) mailbox.gone.push({ uid: message.uid, modseq });
  mailbox.messages = mailbox.messages.filter((message) => !uids.has(message.uid));
  mailbox.highestModseq = modseq;
}

const usedBytes = (state: ModelState): number =>
  state.mailboxes.reduce((sum, each) => sum + each.messages.reduce((s, m) => s + m.octets.length, 0), 0);

function infoOf(state: ModelState, mailbox: ModelMailbox): MailboxInfo {
  const firstUnseen = mailbox.messages.findIndex((message) => (message.flags[0] & seenBit) === 0);
  return {
    id: mailbox.id,
    path: mailbox.path,
    role: mailbox.role,
    subscribed: state.subscriptions.has(mailbox.path),
    uidValidity: mailbox.uidValidity,
    uidNext: mailbox.uidNext,
    highestModseq: mailbox.highestModseq as ModSeq,
    exists: mailbox.messages.length,
    unseen: mailbox.messages.filter((message) => (message.flags[0] & seenBit) === 0).length,
    firstUnseen: firstUnseen + 1,
    bytes: mailbox.messages.reduce((sum, message) => sum + message.octets.length, 0),
    sortOrder: 0,
  };
}

function openHandle(state: ModelState, by: string, makeCard: CardMaker): Account {
  const commit = async (name: string): Promise<void> => {
    state.calls.push(name);
    if (state.hold !== undefined) await state.hold;
    else await Promise.resolve();
    const failure = state.failNext.get(name);
    if (failure !== undefined) {
      state.failNext.delete(name);
      throw failure;
    }
  };

  const copyOrMove = async (
    name: 'copy' | 'move',
    from: MailboxId,
    uids: Uint32Array,
    to: MailboxId,
  ): Promise<CopyResult> => {
    await commit(name);
    const source = byId(state, from);
    const target = byId(state, to);
    const wanted = new Set(uids);
    const messages = source.messages.filter((message) => wanted.has(message.uid));
    const added = messages.reduce((sum, message) => sum + message.octets.length, 0);
    if (name === 'copy' && state.quotaBytes !== undefined && usedBytes(state) + added > state.quotaBytes) {
      throw new MailError('overQuota', 'Over quota');
    }
    if (messages.length > 0) state.modseq++;
    const targets = messages.map((message) => insertAs(state, target, message, state.modseq).uid);
    if (name === 'move' && messages.length > 0) {
      remove(source, new Set(messages.map((message) => message.uid)), state.modseq);
    }
    notify(state);
    return {
      uidValidity: target.uidValidity,
      sourceUids: Uint32Array.from(messages, (message) => message.uid),
      targetUids: Uint32Array.from(targets),
      modseq: state.modseq as ModSeq,
    };
  };

  return {
    id: state.id,
    get modseq() {
      return state.modseq as ModSeq;
    },
    get arrivedAt() {
      return state.modseq as ModSeq;
    },
    get keywords() {
      // A new table each time, as a store with immutable states gives.
      return [...state.keywords];
    },
    get keywordsFull() {
      return state.keywords.length >= state.maxKeywords;
    },
    async refresh() {},
    onChange(listener) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
    mailboxes: () =>
      state.mailboxes
        .map((mailbox) => infoOf(state, mailbox))
        .sort((a, b) => (a.path === 'INBOX' ? -1 : b.path === 'INBOX' ? 1 : a.path < b.path ? -1 : 1)),
    mailbox: (path) => {
      const mailbox = state.mailboxes.find((each) => each.path === path);
      return mailbox === undefined ? undefined : infoOf(state, mailbox);
    },
    mailboxByRole: (role) => {
      const mailbox = state.mailboxes.find((each) => each.role === role);
      return mailbox === undefined ? undefined : infoOf(state, mailbox);
    },
    subscriptions: () => [...state.subscriptions].sort(),
    quota: () => ({
      usedBytes: usedBytes(state),
      limitBytes: state.quotaBytes,
      messages: state.mailboxes.reduce((sum, each) => sum + each.messages.length, 0),
    }),
    async create(path, role) {
      await commit('create');
      if (state.mailboxes.some((each) => each.path === path)) throw new MailError('alreadyExists', 'Mailbox exists');
      addParents(state, path);
      const mailbox = addMailbox(state, path, role);
      notify(state);
      return infoOf(state, mailbox);
    },
    async delete(path) {
      await commit('delete');
      if (path === 'INBOX') throw new MailError('cannot', 'INBOX cannot be deleted');
      const mailbox = find(state, path);
      if (state.mailboxes.some((each) => each.path.startsWith(`${path}/`))) {
        throw new MailError('hasChildren', 'Mailbox has children');
      }
      state.modseq++;
      mailbox.deleted = true;
      state.mailboxes.splice(state.mailboxes.indexOf(mailbox), 1);
      notify(state);
    },
    async rename(from, to) {
      await commit('rename');
      const mailbox = find(state, from);
      if (state.mailboxes.some((each) => each.path === to)) throw new MailError('alreadyExists', 'Mailbox exists');
      state.modseq++;
      addParents(state, to);
      if (from === 'INBOX') {
        const target = addMailbox(state, to, undefined);
        for (const message of mailbox.messages) insertAs(state, target, message, state.modseq);
        remove(mailbox, new Set(mailbox.messages.map((message) => message.uid)), state.modseq);
      } else {
        for (const each of state.mailboxes) {
          if (each.path === from || each.path.startsWith(`${from}/`)) each.path = to + each.path.slice(from.length);
        }
      }
      notify(state);
    },
    async subscribe(path, on) {
      await commit('subscribe');
      if (on) state.subscriptions.add(path);
      else state.subscriptions.delete(path);
    },
    open: async (mailbox) => openCursor(state, byId(state, mailbox), by),
    createMailbox: noEmails,
    changeMailboxes: noEmails,
    destroyMailbox: noEmails,
    uploads: { receive: noEmails, open: noEmails },
    receive: (limits) => receive(limits.maxBytes),
    async append(id, items: readonly AppendItem[]) {
      await commit('append');
      const mailbox = byId(state, id);
      const total = items.reduce((sum, item) => sum + item.message.size, 0);
      if (state.quotaBytes !== undefined && usedBytes(state) + total > state.quotaBytes) {
        throw new MailError('overQuota', 'Over quota');
      }
      const added = items.map((item) =>
        insert(
          state,
          mailbox,
          (item.message as StagedMessage & { octets: Buffer }).octets,
          item.flags,
          item.date ?? Math.floor(Date.now() / 1000),
        ),
      );
      notify(state);
      return {
        uidValidity: mailbox.uidValidity,
        uids: added.map((message) => message.uid),
        ids: added.map((message) => message.id as MessageId),
        modseq: state.modseq as ModSeq,
      };
    },
    async storeFlags(id, change) {
      await commit('storeFlags');
      const result = storeFlags(state, byId(state, id), change, by);
      notify(state);
      return result;
    },
    copy: (from, uids, to) => copyOrMove('copy', from, uids, to),
    move: (from, uids, to) => copyOrMove('move', from, uids, to),
    async expunge(id, uids) {
      await commit('expunge');
      const mailbox = byId(state, id);
      const wanted = uids === undefined ? undefined : new Set(uids);
      const going = mailbox.messages.filter(
        (message) => (message.flags[0] & deletedBit) !== 0 && (wanted?.has(message.uid) ?? true),
      );
      if (going.length > 0) remove(mailbox, new Set(going.map((message) => message.uid)), ++state.modseq);
      notify(state);
      return { uids: Uint32Array.from(going, (message) => message.uid), modseq: state.modseq as ModSeq };
    },
    async settle(id, { marks, gone }) {
      await commit('settle');
      const mailbox = byId(state, id);
      for (const { uids, flags } of marks) storeFlags(state, mailbox, { uids, flags, mode: 'add' }, by);
      const going = new Set(mailbox.messages.flatMap(({ uid }) => (gone.includes(uid) ? [uid] : [])));
      if (going.size > 0) remove(mailbox, going, ++state.modseq);
      notify(state);
      return { gone: going.size };
    },
    importedUidls: async (id) => state.uidls.get(id) ?? new Map<number, string>(),
    async vanished(id, since, known) {
      const inKnown = (uid: number): boolean => known?.some(([low, high]) => uid >= low && uid <= high) ?? true;
      return byId(state, id)
        .gone.filter((each) => each.modseq > since && inKnown(each.uid))
        .map((each) => [each.uid, each.uid] as const);
    },
    // Only mailboxes are kept here: what JMAP asks is tested on the real store.
    readContents: (view, indexes) => readContents(state, view as MailboxView, indexes),
    readCards: (view, indexes) => readCards(view as MailboxView, indexes, makeCard),
    emails: noEmails,
    changesSince: noEmails,
    setEmails: noEmails,
    readPreviews: noEmails,
    async search(rows: SearchRows, query: SearchQuery) {
      const view = rows as MailboxView;
      return memorySearch(view, query, state.keywords, (index) => messageAt(view, index)?.octets ?? Buffer.alloc(0));
    },
    release() {},
  };
}

async function noEmails(): Promise<never> {
  throw new MailError('cannot', 'The model knows mailboxes only');
}

function storeFlags(state: ModelState, mailbox: ModelMailbox, change: FlagChange, by: string): FlagResult {
  const present = mailbox.messages.some((message) => change.uids.includes(message.uid));
  // To take away a keyword that nobody has makes none.
  const words = wordsOf(state, change.flags, present && change.mode !== 'remove');
  const changed: number[] = [];
  const conflicts: number[] = [];
  const missing: number[] = [];
  const modseq = state.modseq + 1;
  for (const uid of change.uids) {
    const message = mailbox.messages.find((each) => each.uid === uid);
    if (message === undefined) {
      missing.push(uid);
      continue;
    }
    if (change.unchangedSince !== undefined && message.modseq > change.unchangedSince) {
      conflicts.push(uid);
      continue;
    }
    const after = message.flags.map((word, i) => {
      const other = words[i as 0];
      return (change.mode === 'add' ? word | other : change.mode === 'remove' ? word & ~other : other) >>> 0;
    }) as unknown as FlagWords;
    if (after.every((word, i) => word === message.flags[i])) continue;
    message.flags = after;
    message.modseq = modseq;
    message.touched.push([modseq, by]);
    changed.push(uid);
  }
  if (changed.length > 0) {
    state.modseq = modseq;
    mailbox.highestModseq = modseq;
  }
  return {
    modseq: state.modseq as ModSeq,
    changed: Uint32Array.from(changed),
    conflicts: Uint32Array.from(conflicts),
    missing: Uint32Array.from(missing),
  };
}

function receive(maxBytes: number): IncomingMessage {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    async write(chunk) {
      size += chunk.length;
      if (size > maxBytes) throw new MailError('tooBig', 'Message too big');
      chunks.push(Buffer.from(chunk));
    },
    async finish() {
      const octets = Buffer.concat(chunks);
      return { size: octets.length, octets } as unknown as StagedMessage;
    },
    abort() {
      chunks.length = 0;
    },
  };
}

const viewMessages = new WeakMap<MailboxView, readonly ModelMessage[]>();
const messageAt = (view: MailboxView, index: number): ModelMessage | undefined => viewMessages.get(view)?.[index];

function makeView(mailbox: ModelMailbox, messages: readonly ModelMessage[]): MailboxView {
  const uid = Uint32Array.from(messages, (message) => message.uid);
  const lowerBound = (wanted: number): number => {
    let low = 0;
    let high = uid.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (uid[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const at = (index: number): ModelMessage => {
    const message = messages[index];
    if (message === undefined) throw new RangeError(`no message at ${index}`);
    return message;
  };
  const word = (i: 1 | 2 | 3): Uint32Array | undefined =>
    messages.some((message) => message.flags[i] !== 0)
      ? Uint32Array.from(messages, (message) => message.flags[i])
      : undefined;
  const loaded = new Set<LazyColumn>();
  const need = (column: LazyColumn): void => {
    if (!loaded.has(column)) throw new Error(`column ${column} was not loaded`);
  };
  const view: MailboxView = {
    mailbox: mailbox.id,
    count: messages.length,
    uid,
    get flags() {
      return Uint32Array.from(messages, (message) => message.flags[0]);
    },
    get keywords() {
      return [word(1), word(2), word(3)] as const;
    },
    get modseq() {
      return Float64Array.from(messages, (message) => message.modseq);
    },
    async load(columns) {
      for (const column of columns) loaded.add(column);
    },
    idAt: (index) => {
      need('id');
      return at(index).id as MessageId;
    },
    sizeAt: (index) => {
      need('size');
      return at(index).octets.length;
    },
    dateAt: (index) => {
      need('date');
      return at(index).date;
    },
    threadAt: (index) => {
      need('thread');
      return at(index).id.slice(-16) as ThreadId;
    },
    slotAt: (index) => {
      need('slot');
      return index;
    },
    flagsAt: (index) => at(index).flags,
    indexOf: (wanted) => {
      const index = lowerBound(wanted);
      return uid[index] === wanted ? index : -1;
    },
    lowerBound,
  };
  viewMessages.set(view, messages);
  return view;
}

function openCursor(state: ModelState, mailbox: ModelMailbox, by: string): MailboxCursor {
  let messages: ModelMessage[] = [...mailbox.messages];
  let view = makeView(mailbox, messages);
  let told = state.modseq;
  let toldKeywords = state.keywords.length;
  const listeners = new Set<() => void>();

  const changedIndexes = (): number[] =>
    messages.flatMap((message, index) =>
      message.touched.some(([modseq, who]) => modseq > told && who !== by) ? [index] : [],
    );
  const hasExpunged = (): boolean => messages.some((message) => !mailbox.messages.includes(message));
  const added = (): ModelMessage[] => {
    const last = messages.at(-1)?.uid ?? 0;
    return mailbox.messages.filter((message) => message.uid > Math.max(last, lastUid));
  };
  let lastUid = mailbox.uidNext - 1;
  const isPending = (): boolean =>
    mailbox.deleted || hasExpunged() || added().length > 0 || changedIndexes().length > 0;
  const listener = (): void => {
    if (!isPending()) return;
    for (const each of [...listeners]) each();
  };
  state.listeners.add(listener);

  return {
    get view() {
      return view;
    },
    get info() {
      return infoOf(state, mailbox);
    },
    get pending() {
      return isPending();
    },
    advance({ expunges }): MailboxDelta {
      const expunged: number[] = [];
      const expungedUids: number[] = [];
      if (expunges) {
        messages.forEach((message, index) => {
          if (mailbox.messages.includes(message)) return;
          expunged.push(index + 1);
          expungedUids.push(message.uid);
        });
        messages = messages.filter((message) => mailbox.messages.includes(message));
      }
      const fresh = added();
      const changed = changedIndexes();
      messages = [...messages, ...fresh];
      lastUid = mailbox.uidNext - 1;
      if (expunged.length > 0 || fresh.length > 0) view = makeView(mailbox, messages);
      told = state.modseq;
      const keywordsGrew = state.keywords.length > toldKeywords;
      toldKeywords = state.keywords.length;
      return {
        expunged: Uint32Array.from(expunged),
        expungedUids: Uint32Array.from(expungedUids),
        exists: fresh.length > 0 ? messages.length : undefined,
        changed: Uint32Array.from(changed),
        highestModseq: mailbox.highestModseq as ModSeq,
        keywordsGrew,
        gone: mailbox.deleted,
      };
    },
    onPending(each) {
      listeners.add(each);
      return () => listeners.delete(each);
    },
    close() {
      state.listeners.delete(listener);
    },
  };
}

const pieceBytes = 1024 * 1024;

async function* readContents(
  state: ModelState,
  view: MailboxView,
  indexes: ArrayLike<number>,
): AsyncGenerator<MessageOctets> {
  for (let i = 0; i < indexes.length; i++) {
    const message = messageAt(view, indexes[i]!);
    if (message === undefined || message.octets.length === 0) continue;
    await Promise.resolve();
    const { octets } = message;
    yield {
      index: i,
      id: message.id as MessageId,
      size: octets.length,
      prefix: octets.subarray(0, 0),
      first: octets.subarray(0, pieceBytes),
      async *rest() {
        const failure = state.failNext.get('rest');
        state.failNext.delete('rest');
        if (failure !== undefined) throw failure;
        for (let at = pieceBytes; at < octets.length; at += pieceBytes) yield octets.subarray(at, at + pieceBytes);
      },
    };
  }
}

async function* readCards(
  view: MailboxView,
  indexes: ArrayLike<number>,
  makeCard: CardMaker,
): AsyncGenerator<readonly MessageCard[]> {
  let batch: MessageCard[] = [];
  for (let i = 0; i < indexes.length; i++) {
    const message = messageAt(view, indexes[i]!);
    if (message === undefined || message.octets.length === 0) continue;
    batch.push({ index: i, ...makeCard(message.octets) });
    if (batch.length < 3) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
