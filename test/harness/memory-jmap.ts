/**
 * A JMAP server in memory, for tests of the webmail alone: mailboxes, conversations and messages with their states, lists
 * with what changed in them, result references. It keeps the rules that the client leans on, and none of the others.
 */
import type { Invocation, Request, Response, ResultReference, Session } from '@vaguemestre/shared/jmap/core';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { type EmailFilter, matches } from '@vaguemestre/webmail/jmap/store/email-filter';
import type { EmailRow } from '@vaguemestre/webmail/jmap/store/email-row';

type Args = Readonly<Record<string, unknown>>;

class MethodProblem extends Error {}

interface Kept<T> {
  value: T;
  readonly createdAt: number;
  changedAt: number;
}

export interface MemoryJmap {
  readonly session: Session;
  post(request: Request): Promise<Response>;
  deliver(row: Partial<EmailRow> & Pick<EmailRow, 'mailboxIds'>): EmailRow;
  mark(id: string, keywords: Readonly<Record<string, true>>): void;
  move(id: string, mailboxIds: Readonly<Record<string, true>>): void;
  destroy(id: string): void;
  rows(): readonly EmailRow[];
  /** Requests that came, for counting. */
  readonly requests: Request[];
  /** The next request is answered with this error instead. */
  failNext(error: unknown): void;
  /** These ids cannot be changed. */
  readonly refusing: Set<string>;
  readonly onChange: Set<() => void>;
}

const rights = {
  mayReadItems: true,
  mayAddItems: true,
  mayRemoveItems: true,
  maySetSeen: true,
  maySetKeywords: true,
  mayCreateChild: true,
  mayRename: true,
  mayDelete: true,
  maySubmit: true,
};

export function createMemoryJmap(limits: { maxObjectsInSet?: number; maxCallsInRequest?: number } = {}): MemoryJmap {
  let modseq = 1;
  let next = 1;
  const emails = new Map<string, Kept<EmailRow>>();
  const gone = new Map<string, number>();
  const threads = new Map<string, Set<string>>();
  const pastLists = new Map<string, readonly string[]>();
  const requests: Request[] = [];
  const refusing = new Set<string>();
  const onChange = new Set<() => void>();
  let failure: unknown;
  const boxes = new Map<string, Mailbox>();

  const accountId = 'a1';
  const session = {
    capabilities: {
      'urn:ietf:params:jmap:core': {
        maxSizeUpload: 50_000_000,
        maxConcurrentUpload: 4,
        maxSizeRequest: 10_000_000,
        maxConcurrentRequests: 8,
        maxCallsInRequest: limits.maxCallsInRequest ?? 32,
        maxObjectsInGet: 500,
        maxObjectsInSet: limits.maxObjectsInSet ?? 500,
        collationAlgorithms: [],
      },
      'urn:ietf:params:jmap:mail': {},
    },
    accounts: { [accountId]: { name: 'claire', isPersonal: true, isReadOnly: false, accountCapabilities: {} } },
    primaryAccounts: { 'urn:ietf:params:jmap:mail': accountId },
    username: 'claire.vasseur@labo.example',
    apiUrl: '/jmap/api',
    downloadUrl: '/jmap/download/{accountId}/{blobId}/{name}?type={type}',
    uploadUrl: '/jmap/upload/{accountId}/',
    eventSourceUrl: '/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}',
    state: '1',
  } as Session;

  function addBox(id: string, name: string, role: Mailbox['role'], parentId: string | null = null): void {
    const counts = { totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0 };
    boxes.set(id, { id, name, role, parentId, sortOrder: boxes.size, ...counts, myRights: rights, isSubscribed: true });
  }
  addBox('inbox', 'INBOX', 'inbox');
  addBox('drafts', 'Drafts', 'drafts');
  addBox('sent', 'Sent', 'sent');
  addBox('archive', 'Archive', 'archive');
  addBox('junk', 'Junk', 'junk');
  addBox('trash', 'Trash', 'trash');
  addBox('conf', 'Conférences', null);

  const rows = (): EmailRow[] => [...emails.values()].map((kept) => kept.value);

  function counted(box: Mailbox): Mailbox {
    const inside = rows().filter((row) => row.mailboxIds[box.id]);
    const unread = inside.filter((row) => row.keywords['$seen'] !== true);
    const threads = (list: readonly EmailRow[]): number => new Set(list.map((row) => row.threadId)).size;
    return {
      ...box,
      totalEmails: inside.length,
      unreadEmails: unread.length,
      totalThreads: threads(inside),
      unreadThreads: threads(unread),
    };
  }

  function write(id: string, change: (row: EmailRow) => EmailRow): void {
    const kept = emails.get(id);
    if (kept === undefined) return;
    kept.value = change(kept.value);
    kept.changedAt = ++modseq;
    for (const listener of onChange) listener();
  }

  function destroy(id: string): void {
    if (!emails.delete(id)) return;
    gone.set(id, ++modseq);
    for (const listener of onChange) listener();
  }

  function deliver(row: Partial<EmailRow> & Pick<EmailRow, 'mailboxIds'>): EmailRow {
    const id = row.id ?? `e${next++}`;
    const value: EmailRow = {
      id,
      threadId: `t-${id}`,
      keywords: {},
      from: [{ name: 'Anna Weber', email: 'anna.weber@uni-x.example' }],
      to: [{ name: 'Claire Vasseur', email: 'claire.vasseur@labo.example' }],
      subject: `Subject ${id}`,
      receivedAt: new Date(Date.UTC(2026, 0, 1) + next * 60_000).toISOString().replace('.000', ''),
      size: 1000,
      hasAttachment: false,
      preview: '',
      ...row,
    };
    modseq++;
    threads.set(value.threadId, (threads.get(value.threadId) ?? new Set()).add(id));
    emails.set(id, { value, createdAt: modseq, changedAt: modseq });
    for (const listener of onChange) listener();
    return value;
  }

  function list(filter: EmailFilter | null, sort: Args['sort'], collapse: unknown): string[] {
    const order =
      (sort as { property: keyof EmailRow | 'hasKeyword'; isAscending?: boolean; keyword?: string }[]) ?? [];
    const keyed = rows()
      .filter((row) => matches(row, filter) === true)
      .map((row) => ({ row, keys: order.map((one) => keyOf(row, one)) }));
    keyed.sort((a, b) => {
      for (const [index, one] of order.entries()) {
        const [x = '', y = ''] = [a.keys[index], b.keys[index]];
        if (x !== y) return (x < y ? -1 : 1) * (one.isAscending === false ? -1 : 1);
      }
      return a.row.id < b.row.id ? -1 : 1;
    });
    const found = keyed.map((one) => one.row);
    if (collapse !== true) return found.map((row) => row.id);
    const seen = new Set<string>();
    return found.filter((row) => !seen.has(row.threadId) && seen.add(row.threadId)).map((row) => row.id);
  }

  function keyOf(row: EmailRow, one: { property: keyof EmailRow | 'hasKeyword'; keyword?: string }): string {
    if (one.property === 'hasKeyword') return String(row.keywords[one.keyword ?? ''] === true);
    return JSON.stringify(row[one.property]);
  }

  const listKey = (args: Args): string => JSON.stringify([args['filter'], args['sort'], args['collapseThreads']]);

  function current(args: Args): readonly string[] {
    const key = `${listKey(args)}@${modseq}`;
    const ids = pastLists.get(key) ?? list(args['filter'] as EmailFilter | null, args['sort'], args['collapseThreads']);
    pastLists.set(key, ids);
    return ids;
  }

  function changes(args: Args, kind: 'Email' | 'Thread'): Args {
    const since = Number(args['sinceState']);
    const max = Number(args['maxChanges'] ?? 1_000_000);
    const events = [
      ...[...emails.values()].map((kept) => ({
        at: kept.changedAt,
        id: kind === 'Email' ? kept.value.id : kept.value.threadId,
        what: kept.createdAt > since ? 'created' : 'updated',
      })),
      ...(kind === 'Email' ? [...gone].map(([id, at]) => ({ at, id, what: 'destroyed' })) : []),
    ]
      .filter((event) => event.at > since)
      .sort((a, b) => a.at - b.at);
    const taken = events.slice(0, max);
    const more = taken.length < events.length;
    const of = (what: string): string[] => [...new Set(taken.filter((one) => one.what === what).map((one) => one.id))];
    return {
      accountId,
      oldState: args['sinceState'],
      newState: String(more ? taken.at(-1)?.at : modseq),
      hasMoreChanges: more,
      created: kind === 'Email' ? of('created') : [],
      updated: kind === 'Email' ? of('updated') : [...new Set(taken.map((one) => one.id))],
      destroyed: of('destroyed'),
    };
  }

  function get<T extends { readonly id: string }>(
    args: Args,
    find: (id: string) => T | undefined,
    all: () => T[],
  ): Args {
    const ids = args['ids'] as readonly string[] | null | undefined;
    if (ids && ids.length > 500) throw new MethodProblem('requestTooLarge');
    const found = ids
      ? [...new Set(ids)].map((id) => [id, find(id)] as const)
      : all().map((one) => [one.id, one] as const);
    const properties = args['properties'] as readonly string[] | null | undefined;
    const cut = (one: T): unknown =>
      properties
        ? Object.fromEntries(Object.entries(one).filter(([key]) => key === 'id' || properties.includes(key)))
        : one;
    return {
      accountId,
      state: String(modseq),
      list: found.flatMap(([, one]) => (one ? [cut(one)] : [])),
      notFound: found.flatMap(([id, one]) => (one ? [] : [id])),
    };
  }

  function setEmails(args: Args): Args {
    const oldState = String(modseq);
    const updated: Record<string, null> = {};
    const notUpdated: Record<string, unknown> = {};
    for (const [id, patch] of Object.entries((args['update'] ?? {}) as Record<string, Record<string, unknown>>)) {
      if (refusing.has(id)) notUpdated[id] = { type: 'forbidden' };
      else if (!emails.has(id)) notUpdated[id] = { type: 'notFound' };
      else {
        write(id, (row) => patched(row, patch));
        updated[id] = null;
      }
    }
    const destroyed = (args['destroy'] ?? []) as readonly string[];
    for (const id of destroyed) destroy(id);
    return { accountId, oldState, newState: String(modseq), updated, notUpdated, destroyed, notDestroyed: null };
  }

  function run(name: string, args: Args): Args {
    switch (name) {
      case 'Mailbox/get':
        return get(
          args,
          (id) => boxes.get(id) && counted(boxes.get(id)!),
          () => [...boxes.values()].map(counted),
        );
      case 'Mailbox/changes':
        return {
          ...changes(args, 'Thread'),
          created: [],
          updated: Number(args['sinceState']) < modseq ? [...boxes.keys()] : [],
          updatedProperties: ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'],
          destroyed: [],
          hasMoreChanges: false,
          newState: String(modseq),
        };
      case 'Thread/get':
        return get(args, threadOf, () => []);
      case 'Thread/changes':
        return changes(args, 'Thread');
      case 'Email/get':
        return get(args, (id) => emails.get(id)?.value, rows);
      case 'Email/changes':
        return changes(args, 'Email');
      case 'Email/set':
        return setEmails(args);
      case 'Email/query': {
        const ids = current(args);
        const position = Number(args['position'] ?? 0);
        const page = ids.slice(position, position + Number(args['limit'] ?? ids.length));
        return {
          accountId,
          queryState: String(modseq),
          canCalculateChanges: true,
          position,
          ids: page,
          total: ids.length,
        };
      }
      case 'Email/queryChanges': {
        const before = pastLists.get(`${listKey(args)}@${args['sinceQueryState']}`);
        if (before === undefined) throw new MethodProblem('cannotCalculateChanges');
        const now = current(args);
        const stays = new Set(now);
        const was = new Set(before);
        return {
          accountId,
          oldQueryState: args['sinceQueryState'],
          newQueryState: String(modseq),
          total: now.length,
          removed: before.filter((id) => !stays.has(id)),
          added: now.flatMap((id, index) => (was.has(id) ? [] : [{ id, index }])),
        };
      }
      case 'Identity/get':
        return get(
          args,
          () => undefined,
          () => [{ id: 'i1', name: 'Claire Vasseur', email: session.username }],
        );
      case 'Quota/get':
        return get(
          args,
          () => undefined,
          () => [{ id: 'q1', resourceType: 'octets', used: 3_100_000_000, hardLimit: 10_000_000_000, name: 'mail' }],
        );
      default:
        throw new MethodProblem('unknownMethod');
    }
  }

  function threadOf(id: string): { id: string; emailIds: string[] } | undefined {
    const inside = [...(threads.get(id) ?? [])].flatMap((one) => emails.get(one)?.value ?? []);
    if (inside.length === 0) return undefined;
    inside.sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
    return { id, emailIds: inside.map((row) => row.id) };
  }

  return {
    session,
    requests,
    refusing,
    onChange,
    rows,
    deliver,
    destroy,
    mark: (id, keywords) => write(id, (row) => ({ ...row, keywords })),
    move: (id, mailboxIds) => write(id, (row) => ({ ...row, mailboxIds })),
    failNext(error) {
      failure = error;
    },
    async post(request) {
      requests.push(request);
      await Promise.resolve();
      if (failure !== undefined) {
        const error = failure;
        failure = undefined;
        throw error;
      }
      const methodResponses: Invocation[] = [];
      for (const [name, args, callId] of request.methodCalls) {
        try {
          methodResponses.push([name, run(name, dereferenced(args, methodResponses)), callId]);
        } catch (error) {
          if (!(error instanceof MethodProblem)) throw error;
          methodResponses.push(['error', { type: error.message }, callId]);
        }
      }
      return { methodResponses, sessionState: '1' };
    },
  };
}

function patched(row: EmailRow, patch: Readonly<Record<string, unknown>>): EmailRow {
  const next = { ...row, keywords: { ...row.keywords }, mailboxIds: { ...row.mailboxIds } };
  for (const [path, value] of Object.entries(patch)) {
    const [property, ...rest] = path.split('/');
    const key = rest.join('/').replaceAll('~1', '/').replaceAll('~0', '~');
    const marks = next[property as 'keywords' | 'mailboxIds'] as Record<string, true>;
    if (value === null) delete marks[key];
    else marks[key] = true;
  }
  return next;
}

/** RFC 8620 3.7, with `*`. */
function dereferenced(args: Args, responses: readonly Invocation[]): Args {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(args)) {
    if (!key.startsWith('#')) {
      result[key] = value;
      continue;
    }
    const { resultOf, name, path } = value as ResultReference;
    const response = responses.find((one) => one[2] === resultOf && one[0] === name);
    if (response === undefined) throw new MethodProblem('invalidResultReference');
    result[key.slice(1)] = pointed(response[1], path.split('/').slice(1));
  }
  return result;
}

function pointed(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (first !== '*') return pointed((value as Record<string, unknown>)[first], rest);
  return (value as unknown[]).flatMap((one) => pointed(one, rest));
}
