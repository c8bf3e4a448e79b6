import { newObjectId } from '../database/contents.js';
import type { MailDatabase } from '../database/database.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId, MailboxId, ModSeq } from '../kernel/ids.js';
import type { Account, AppendItem, Quota } from './account.js';
import type { AccountView } from './account-view.js';
import type { CommitQueue } from './commit-queue.js';
import type { IncomingMessage } from './content.js';
import { Cursor } from './cursor.js';
import type { CardCache } from './derived/card-cache.js';
import { readCards } from './derived/read-cards.js';
import type { Command } from './draft.js';
import type { EmailSet } from './email-set.js';
import { changesSince } from './emails/email-changes.js';
import { importedUidls } from './imported-uidls.js';
import { incomingMessage, receiveContent, unstage } from './incoming-message.js';
import { bitOf, keywordsFull, wordsOf } from './keyword-table.js';
import type { MailboxCursor, MailboxInfo, MailboxRole } from './mailbox.js';
import { allInfos, infoOf } from './mailbox-info.js';
import { idOfPath, inboxPath } from './mailbox-path.js';
import { MailboxVersion } from './mailbox-version.js';
import { readContents } from './message-reads.js';
import { appendCommand } from './operations/append.js';
import { copyCommand } from './operations/copy.js';
import { expungeCommand } from './operations/expunge.js';
import { changeMailboxesCommand, createMailboxCommand, destroyMailboxCommand } from './operations/mailbox-set.js';
import {
  createCommand,
  deleteCommand,
  renameCommand,
  subscribeCommand,
  takeInboxCommand,
} from './operations/mailboxes.js';
import { placed } from './operations/placed.js';
import { EmailsAway, setEmailsCommand } from './operations/set-emails.js';
import { settleCommand } from './operations/settle.js';
import { storeFlagsCommand } from './operations/store-flags.js';
import { evaluate } from './search/evaluate.js';
import { excludeBySignature } from './search/signature-index.js';
import { storedSignatures } from './search/stored-signatures.js';
import { findThreads } from './threads.js';
import { accountUploads } from './uploads.js';
import { vanishedSince } from './vanished.js';

export interface HandleContext {
  readonly database: MailDatabase;
  readonly clock: Clock;
  readonly view: AccountView;
  readonly queue: CommitQueue;
  readonly cards: CardCache;
  /** Called once, when the session gives the handle back. */
  released(): void;
}

/** How often the email index may be dropped between being ready and being used. */
const maxSetAttempts = 5;

/** One session's handle of an account (contract: account.ts): reads from the shared view, writes through the queue. */
export function accountHandle(
  context: HandleContext,
  options: { readonly by: string; readonly quotaBytes?: number },
): Account {
  const { database, clock, view, queue } = context;
  const { by, quotaBytes } = options;
  const account = view.account;
  const cardSource = { account, cards: context.cards, messages: database.messages };
  const forgetting: (() => void)[] = [];
  let released = false;

  const nowSeconds = (): number => Math.floor(clock.nowMs() / 1000);

  function commit<T>(command: Command<T>): Promise<T> {
    if (released) throw new MailError('closed', 'The session has ended');
    return queue.commit(command);
  }

  function infoAt(path: string): MailboxInfo | undefined {
    const id = idOfPath(view.state, path);
    return id === undefined ? undefined : infoOf(view.state.boxes.get(id)!);
  }

  function newInfo(id: string): MailboxInfo {
    const box = view.state.boxes.get(id);
    if (box === undefined) throw new MailError('nonexistent', 'The mailbox was deleted in the same moment');
    return infoOf(box);
  }

  async function open(mailbox: MailboxId): Promise<MailboxCursor> {
    const loaded = await view.load(mailbox, false);
    const box = view.state.boxes.get(mailbox);
    if (box === undefined || loaded.gone) throw new MailError('nonexistent', 'The mailbox does not exist');
    const generation = loaded.hold();
    const version = new MailboxVersion(mailbox, generation, generation.columns.count, (of) =>
      view.loadCold(loaded, of),
    );
    return new Cursor(by, loaded, version, infoOf(box), {
      info: () => {
        const now = view.state.boxes.get(mailbox);
        return now === undefined ? undefined : infoOf(now);
      },
      keywordCount: () => view.state.keywords.length,
    });
  }

  function receive(limits: { readonly maxBytes: number }): IncomingMessage {
    const id = newObjectId();
    const receiver = receiveContent(database.contents, {
      id: `${account}/${id}`,
      maxBytes: limits.maxBytes,
      nowMs: () => clock.nowMs(),
    });
    return incomingMessage(receiver, async (content) => {
      const threads = await findThreads(database.messages, [account], content.facts);
      return { ...content, account, id, thread: threads.get(account)! };
    });
  }

  return {
    id: account as AccountId,
    get modseq() {
      return view.state.n as ModSeq;
    },
    get arrivedAt() {
      return view.arrivedAt as ModSeq;
    },
    get keywords() {
      return view.state.keywords;
    },
    get keywordsFull() {
      return keywordsFull(view.state.keywords);
    },
    refresh: () => view.freshness.refresh(),
    onChange(listener) {
      view.listeners.add(listener);
      const forget = (): void => void view.listeners.delete(listener);
      forgetting.push(forget);
      return forget;
    },
    mailboxes: () => allInfos(view.state),
    mailbox: infoAt,
    mailboxByRole: (role: MailboxRole) => allInfos(view.state).find((info) => info.role === role),
    subscriptions() {
      const names = allInfos(view.state)
        .filter((info) => info.subscribed)
        .map((info) => info.path);
      return [...names, ...view.state.subs].sort();
    },
    quota(): Quota {
      let messages = 0;
      for (const box of view.state.boxes.values()) messages += box.ex;
      return { usedBytes: view.state.use, limitBytes: quotaBytes, messages };
    },
    create: async (path, role) => newInfo(await commit(createCommand(path, role, { by, nowSeconds: nowSeconds() }))),
    async createMailbox(mailbox, ifModseq) {
      const command = createMailboxCommand(mailbox, { by, nowSeconds: nowSeconds() });
      const { done, modseq } = await commit(placed(ifModseq, command));
      return { done: newInfo(done), modseq };
    },
    changeMailboxes: async (changes, ifModseq) =>
      commit(placed(ifModseq, changeMailboxesCommand(changes, { by, nowSeconds: nowSeconds() }))),
    destroyMailbox: async (id, withMessages, ifModseq) =>
      commit(placed(ifModseq, destroyMailboxCommand(account, id, withMessages, { by, nowSeconds: nowSeconds() }))),
    async delete(path) {
      await commit(deleteCommand(account, path, idOfPath(view.state, path), { by, nowSeconds: nowSeconds() }));
    },
    async rename(from, to) {
      const inbox = infoAt(from);
      const common = { by, nowSeconds: nowSeconds() };
      if (inbox?.path === inboxPath) await commit(takeInboxCommand(inbox.id, to, common));
      else await commit(renameCommand(from, to, common));
    },
    async subscribe(path, on) {
      await commit(subscribeCommand(path, on, { by, nowSeconds: nowSeconds() }));
    },
    open,
    uploads: accountUploads(database, clock, account),
    receive,
    async append(mailbox, items: readonly AppendItem[]) {
      const staged = items.map((item) => ({ item, staged: unstage(item.message, account, clock.nowMs()) }));
      return commit(appendCommand(account, mailbox, staged, { by, nowSeconds: nowSeconds(), quotaBytes }));
    },
    storeFlags: async (mailbox, change) => commit(storeFlagsCommand(mailbox, change, by)),
    copy: async (from, uids, to) => commit(copyCommand({ account, from, uids, to, move: false, by, quotaBytes })),
    move: async (from, uids, to) => commit(copyCommand({ account, from, uids, to, move: true, by, quotaBytes })),
    expunge: async (mailbox, uids) => commit(expungeCommand(account, mailbox, uids, by)),
    settle: async (mailbox, settlement) => commit(settleCommand(account, mailbox, settlement, by)),
    importedUidls: (mailbox) => importedUidls(database, view, mailbox),
    async vanished(mailbox, since, known) {
      await view.load(mailbox, false);
      return vanishedSince(database, view, mailbox, since, known);
    },
    readContents: (of, indexes, signal) => readContents(database, account, of, indexes, signal),
    readCards: (of, indexes, parts, signal) => readCards(cardSource, of, indexes, parts, signal),
    search(of, query, signal, among) {
      const { keywords } = view.state;
      return evaluate(
        {
          view: of,
          maskOf(flag) {
            const bit = bitOf(flag, keywords);
            return bit < 0 ? undefined : wordsOf([bit]);
          },
          cards: (indexes) => readCards(cardSource, of, indexes, ['headers'], signal),
          contents: (indexes) => readContents(database, account, of, indexes, signal),
          async exclude(needle, candidates) {
            // Another process may have made packs since this one read the root.
            if ((await database.roots.generation(account)) !== view.root.g) await view.readRoot();
            const signatures = storedSignatures(database.signatures, account, view.root.packs);
            await excludeBySignature(signatures, of, needle, candidates, signal);
          },
          now: nowSeconds(),
        },
        query,
        signal,
        among,
      );
    },
    emails: () => view.emails.ready(),
    changesSince: (since, changes = {}) => changesSince(database, view, since, changes),
    async setEmails(set: EmailSet) {
      const nowMs = clock.nowMs();
      const staged = set.creates.map(({ message }) => unstage(message, account, nowMs));
      for (let attempt = 1; ; attempt++) {
        await view.emails.ready();
        try {
          return await commit(setEmailsCommand(view, set, staged, { by, nowSeconds: nowSeconds(), quotaBytes }));
        } catch (error) {
          if (!(error instanceof EmailsAway) || attempt >= maxSetAttempts) throw error;
        }
      }
    },
    async readPreviews(of, numbers) {
      const ids = Array.from(numbers, (number) => of.idAt(number));
      const previews = await database.messages.previews(account, ids);
      return ids.map((id) => previews.get(id) ?? '');
    },
    release() {
      if (released) return;
      released = true;
      for (const forget of forgetting) forget();
      context.released();
    },
  };
}
