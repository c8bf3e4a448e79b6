/**
 * Everything the page knows of a person's mail: mailboxes, conversations, messages, lists of them, identities, quota; how it
 * keeps up with the server, and how it changes it.
 *
 * Views read records and lists, which are watched. A push event is only a hint: `sync` asks what changed since the states we
 * hold (RFC 8620 5.2, 5.6), in one request. A change shows at once and is confirmed, or taken back, later (email-changes.ts).
 */
import type { Mailbox, MailboxRole } from '@vaguemestre/shared/jmap/mailbox';
import type { Quota } from '@vaguemestre/shared/jmap/quota';
import type { Identity } from '@vaguemestre/shared/jmap/submission';
import type { Thread } from '@vaguemestre/shared/jmap/thread';
import type { JmapClient } from '../client.js';
import { isFailure } from '../failure.js';
import { createEmailChanges, type EmailChanger, untilOnline } from './email-changes.js';
import { createEmailQuery, type EmailQuery, keyOf, type QueryHead, type QuerySpec } from './email-query.js';
import { type EmailChanges, type EmailRow, rowProperties } from './email-row.js';
import { createRecords, type Records } from './records.js';
import { type Watched, watched } from './signal.js';

export interface MailStore extends EmailChanger {
  readonly client: JmapClient;
  readonly mailboxes: Records<Mailbox>;
  readonly threads: Records<Thread>;
  readonly emails: Records<EmailRow>;
  readonly identities: Records<Identity>;
  readonly quotas: Records<Quota>;
  /** true while the server is asked what is new. */
  readonly checking: Watched<boolean>;
  mailboxOf(role: MailboxRole): Mailbox | undefined;
  /** The list for a view, the same one each time it is asked for. */
  query(spec: QuerySpec): EmailQuery;
  /** Lists in use keep up with the server; others are left as they are and catch up when they are opened again. */
  use(query: EmailQuery): () => void;
  /** First load, or after the server could not say what changed. */
  open(): Promise<void>;
  /** Resolves when what had changed before the call is shown. */
  sync(): Promise<void>;
  /** What to keep for the next start. */
  snapshot(): Snapshot | undefined;
  restore(snapshot: Snapshot): void;
}

/** All of it is of one state of the account: what `states` says. */
export interface Snapshot {
  readonly states: Readonly<Record<string, string>>;
  readonly mailboxes: readonly Mailbox[];
  readonly identities: readonly Identity[];
  readonly quotas: readonly Quota[];
  readonly views: readonly ViewSnapshot[];
}

/** The head of a list, with the rows and conversations it shows. */
export interface ViewSnapshot {
  readonly key: string;
  readonly head: QueryHead;
  readonly emails: readonly EmailRow[];
  readonly threads: readonly Thread[];
}

/** Rows in memory; at about 1 KB each this is a few megabytes. */
const maxRows = 6000;
const maxQueries = 12;
/** Of one type at a time; a page that slept through more asks again. */
const maxChanges = 100;
const headRows = 100;

export interface MailStoreOptions {
  /** Resolves when it is worth asking again. */
  readonly whenOnline?: (atMostMs: number) => Promise<void>;
  /** These messages are nowhere any more. */
  readonly onGone?: (ids: readonly string[]) => void;
  /** Keeps a change until it is answered (email-changes.ts). */
  readonly hold?: (changes: EmailChanges) => () => void;
}

export function createMailStore(client: JmapClient, options: MailStoreOptions = {}): MailStore {
  const inUse = new Map<EmailQuery, number>();
  const queries = new Map<string, EmailQuery>();
  const heads = new Map<string, QueryHead>();
  const states = new Map<string, string>();
  const pinned = (): Set<string> => new Set([...inUse.keys()].flatMap((query) => query.ids().slice(0, headRows)));
  const mailboxes = createRecords<Mailbox>();
  const threads = createRecords<Thread>({ limit: maxRows });
  const emails = createRecords<EmailRow>({ limit: maxRows, pinned });
  const identities = createRecords<Identity>();
  const quotas = createRecords<Quota>();
  const checking = watched(false);
  let syncing: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  /** The oldest state of a type is the one to ask changes from: what came later is only newer than that. */
  const note = (type: string, state: string): void => {
    if (!states.has(type)) states.set(type, state);
  };

  const queryContext = {
    client,
    hasRow: (id: string) => emails.has(id),
    putRows(rows: readonly EmailRow[], state: string): void {
      note('Email', state);
      emails.put(rows);
    },
    putThreads(list: readonly Thread[], state: string): void {
      note('Thread', state);
      threads.put(list);
    },
  };

  async function open(): Promise<void> {
    const boxes = client.call('Mailbox/get', { ids: null }).result.then((got) => {
      states.set('Mailbox', got.state);
      const there = new Set(got.list.map((one) => one.id));
      mailboxes.drop(
        mailboxes
          .all()
          .filter((one) => !there.has(one.id))
          .map((one) => one.id),
      );
      mailboxes.put(got.list);
    });
    await Promise.all([boxes, openRest()]);
  }

  /** What a mailbox page can do without for a moment, or altogether when the server does not have it. */
  async function openRest(): Promise<void> {
    const got = await Promise.allSettled([
      client.call('Identity/get', { ids: null }).result.then((answer) => {
        states.set('Identity', answer.state);
        identities.put(answer.list);
      }),
      client.call('Quota/get', { ids: null }).result.then((answer) => {
        states.set('Quota', answer.state);
        quotas.put(answer.list);
      }),
    ]);
    for (const one of got) {
      if (one.status === 'rejected' && !isFailure(one.reason)) throw one.reason;
    }
  }

  async function syncOnce(): Promise<void> {
    checking.value = true;
    try {
      const asked = [syncMailboxes(), syncThreads(), syncEmails(), openRest()];
      for (const query of inUse.keys()) asked.push(query.refresh());
      await Promise.all(asked);
    } catch (error) {
      if (!isFailure(error, 'cannotCalculateChanges')) throw error;
      await startAnew();
    } finally {
      checking.value = false;
    }
  }

  /** RFC 8620 5.2 cannotCalculateChanges: what we hold is too old to be mended. */
  async function startAnew(): Promise<void> {
    states.clear();
    emails.clear();
    threads.clear();
    queries.clear();
    await open();
    await Promise.all([...inUse.keys()].map((query) => query.refresh()));
  }

  async function syncMailboxes(): Promise<void> {
    const sinceState = states.get('Mailbox');
    if (sinceState === undefined) return;
    const changes = client.call('Mailbox/changes', { sinceState });
    const created = client.call('Mailbox/get', { '#ids': changes.ref('/created') });
    const updated = client.call('Mailbox/get', {
      '#ids': changes.ref('/updated'),
      '#properties': changes.ref('/updatedProperties'),
    });
    const [answer, news, counts] = await Promise.all([changes.result, created.result, updated.result]);
    mailboxes.put([...news.list, ...counts.list]);
    mailboxes.drop(answer.destroyed);
    states.set('Mailbox', answer.newState);
    if (answer.hasMoreChanges) await syncMailboxes();
  }

  async function syncThreads(): Promise<void> {
    const sinceState = states.get('Thread');
    if (sinceState === undefined) return;
    const changes = client.call('Thread/changes', { sinceState, maxChanges });
    const updated = client.call('Thread/get', { '#ids': changes.ref('/updated') });
    const [answer, news] = await Promise.all([changes.result, updated.result]);
    threads.put(news.list.filter((one) => threads.has(one.id)));
    threads.drop(answer.destroyed);
    states.set('Thread', answer.newState);
    if (answer.hasMoreChanges) await syncThreads();
  }

  async function syncEmails(): Promise<void> {
    const sinceState = states.get('Email');
    if (sinceState === undefined) return;
    const changes = client.call('Email/changes', { sinceState, maxChanges });
    const properties = rowProperties;
    const created = client.call('Email/get', { '#ids': changes.ref('/created'), properties });
    const updated = client.call('Email/get', {
      '#ids': changes.ref('/updated'),
      properties: ['id', 'mailboxIds', 'keywords', 'threadId'],
    });
    const [answer, news, marks] = await Promise.all([changes.result, created.result, updated.result]);
    emails.put(news.list as readonly EmailRow[]);
    emails.put(marks.list.filter((one) => emails.has(one.id)) as readonly EmailRow[]);
    emails.drop(answer.destroyed);
    if (answer.destroyed.length > 0) options.onGone?.(answer.destroyed);
    states.set('Email', answer.newState);
    if (answer.hasMoreChanges) await syncEmails();
  }

  /** One at a time; whoever asks while one runs gets the next one, which begins after it. */
  function sync(): Promise<void> {
    if (syncing === undefined) {
      syncing = syncOnce().finally(() => {
        syncing = undefined;
      });
      return syncing;
    }
    following ??= syncing
      .catch(() => {})
      .then(() => {
        following = undefined;
        return sync();
      });
    return following;
  }

  function query(spec: QuerySpec): EmailQuery {
    const key = keyOf(spec);
    let found = queries.get(key);
    if (found === undefined) {
      found = createEmailQuery(spec, queryContext);
      const head = heads.get(key);
      if (head !== undefined) found.restore(head);
    }
    queries.delete(key);
    queries.set(key, found); // most recently opened last
    for (const [old, one] of queries) {
      if (queries.size <= maxQueries) break;
      if (!inUse.has(one)) queries.delete(old);
    }
    return found;
  }

  const changer = createEmailChanges({
    client,
    emails,
    mailboxes,
    lists: () => inUse.keys(),
    sync,
    untilOnline: options.whenOnline ?? untilOnline,
    hold: options.hold,
  });

  return {
    ...changer,
    client,
    mailboxes,
    threads,
    emails,
    identities,
    quotas,
    checking,
    mailboxOf: (role) => mailboxes.all().find((one) => one.role === role),
    query,
    use(one) {
      inUse.set(one, (inUse.get(one) ?? 0) + 1);
      return () => {
        const left = (inUse.get(one) ?? 1) - 1;
        if (left > 0) inUse.set(one, left);
        else inUse.delete(one);
      };
    },
    open,
    sync,
    snapshot() {
      // What waits for an answer is not how the server has it.
      if (syncing !== undefined || !states.has('Mailbox') || !states.has('Email')) return undefined;
      const present = <T>(one: T | undefined): one is T => one !== undefined;
      const views = [...queries].flatMap(([key, one]): ViewSnapshot[] => {
        const head = one.head(headRows);
        if (head === undefined) return [];
        const rows = head.ids.map((id) => emails.known(id)).filter(present);
        const talks = [...new Set(rows.map((row) => row.threadId))].map((id) => threads.known(id)).filter(present);
        const ids = new Set([...rows.map((row) => row.id), ...talks.flatMap((talk) => talk.emailIds)]);
        return [{ key, head, threads: talks, emails: [...ids].map((id) => emails.known(id)).filter(present) }];
      });
      return {
        states: Object.fromEntries(states),
        mailboxes: mailboxes.allKnown(),
        identities: identities.allKnown(),
        quotas: quotas.allKnown(),
        views,
      };
    },
    restore(snapshot) {
      for (const [type, state] of Object.entries(snapshot.states)) states.set(type, state);
      mailboxes.put(snapshot.mailboxes);
      identities.put(snapshot.identities);
      quotas.put(snapshot.quotas);
      for (const view of snapshot.views) {
        threads.put(view.threads);
        emails.put(view.emails);
        heads.set(view.key, view.head);
      }
    },
  };
}
