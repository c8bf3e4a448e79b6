/** Mailbox/set (RFC 8621 2.5): each mailbox is one entry of the log, so it changes as a whole or not at all. */
import { capability } from '@vaguemestre/shared/jmap/core';
import { MailError } from '../../../kernel/errors.js';
import type { MailboxId } from '../../../kernel/ids.js';
import { maxMailboxLevelBytes } from '../../../kernel/limits.js';
import type { Account } from '../../../mailstore/account.js';
import type { MailboxRole } from '../../../mailstore/mailbox.js';
import type { MailboxChange, NewMailbox, Placed } from '../../../mailstore/mailbox-set.js';
import { isRole } from '../mailbox/mailbox-list.js';
import {
  countProperties,
  mailboxObject,
  mailboxProperties,
  type NamedMailbox,
  namedMailbox,
  namedMailboxes,
} from '../mailbox/mailbox-object.js';
import type { JsonObject, MethodContext } from '../method.js';
import { realId } from '../standard/get.js';
import { checkedCreate, checkedUpdate, type Properties, type Property } from '../standard/properties.js';
import { eachObject, type ObjectHandlers, type SetOutcome, setMethod } from '../standard/set.js';
import { invalidProperties, notFound, SetFailure } from '../standard/set-failure.js';
import { accountState, modseqOf } from '../standard/state.js';
import { isSame, isUnsignedInt } from '../values.js';

const isName = (value: unknown): boolean =>
  typeof value === 'string' &&
  value !== '' &&
  !value.includes('/') &&
  Buffer.byteLength(value) <= maxMailboxLevelBytes &&
  !/\p{Cc}|[\u2028\u2029]/u.test(value);

const server: Property = { setBy: 'server' };
const properties: Properties = {
  id: server,
  name: { setBy: 'client', is: isName },
  parentId: { setBy: 'client', is: (value) => value === null || typeof value === 'string', ifAbsent: null },
  role: { setBy: 'client', is: (value) => value === null || isRole(value), ifAbsent: null },
  // RFC 8621 2: below 2^31.
  sortOrder: { setBy: 'client', is: (value) => isUnsignedInt(value) && value < 2 ** 31, ifAbsent: 0 },
  ...Object.fromEntries(countProperties.map((name) => [name, server])),
  myRights: server,
  isSubscribed: { setBy: 'client', is: (value) => typeof value === 'boolean', ifAbsent: true },
};

export const mailboxSet = setMethod({
  name: 'Mailbox',
  capability: capability.mail,
  extra: (args) => ({
    removeEmails: args.boolean('onDestroyRemoveEmails', false),
    ifInState: args.optionalString('ifInState'),
  }),
  state: ({ account }) => accountState(account),
  async run(request, outcome, context, { removeEmails, ifInState }) {
    const ifModseq = ifInState === undefined ? undefined : modseqOf(ifInState, context.account);
    const task: Task = { context, removeEmails, ifModseq, own: [] };
    const handlers: ObjectHandlers = {
      references: (object) => [object['parentId']],
      create: (object) => create(object, task),
      update: (id, patch) => update(id, patch, task),
      destroy: (id) => destroy(id, task),
      destroyOrder: (ids) => childrenFirst(ids, context.account),
    };
    await eachObject({ ...request, update: new Map(), destroy: [] }, outcome, context, handlers);
    const left = await updateTogether(request.update, outcome, task);
    await eachObject({ create: new Map(), update: left, destroy: request.destroy }, outcome, context, handlers);
    tellStates(task.own, outcome);
    return undefined;
  },
});

interface Task {
  readonly context: MethodContext;
  readonly removeEmails: boolean;
  /** RFC 8620 5.3, ifInState: where the account has to be when the first change is committed. Those after it stand on that. */
  ifModseq: number | undefined;
  /** Entries of this call. */
  readonly own: number[];
}

async function committed<T>(task: Task, commit: (ifModseq: number | undefined) => Promise<Placed<T>>): Promise<T> {
  const { done, modseq } = await commit(task.ifModseq);
  if (modseq === undefined) return done;
  task.ifModseq = undefined;
  task.own.push(modseq);
  return done;
}

/**
 * RFC 8620 5.3: a client that is at `oldState` takes itself to be at `newState`. So nobody else's entry may lie between them: if one does,
 * the states are those around the last of our own, and the client asks for the changes since its state.
 */
function tellStates(own: readonly number[], outcome: SetOutcome): void {
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return;
  const alone = last - first === own.length - 1;
  outcome.between(String((alone ? first : last) - 1), String(last));
}

async function create(given: JsonObject, task: Task): Promise<JsonObject & { readonly id: string }> {
  const { context } = task;
  const { account } = context;
  const object = checkedCreate(given, properties);
  const wish = wishOf(object, context);
  const mailbox: NewMailbox = {
    parent: (wish.parentId ?? undefined) as MailboxId | undefined,
    name: wish.name,
    role: (wish.role ?? undefined) as MailboxRole | undefined,
    subscribed: wish.isSubscribed,
    sortOrder: wish.sortOrder,
  };
  const info = await naming(wish, account, () =>
    committed(task, (ifModseq) => account.createMailbox(mailbox, ifModseq)),
  );
  const emails = await account.emails();
  const made = mailboxObject(namedMailbox(account, info.id) ?? { ...wish, id: info.id }, emails.counts(info.id));
  // RFC 8620 5.3: what the client did not say, or said otherwise.
  const rest = mailboxProperties.filter((name) => name !== 'id' && !isSame(made[name], given[name]));
  return { ...Object.fromEntries(rest.map((name) => [name, made[name]])), id: info.id };
}

type Wish = Omit<NamedMailbox, 'id'>;

/** Of an object whose properties were checked. */
function wishOf(object: JsonObject, { createdIds }: MethodContext): Wish {
  const { name, parentId, role, sortOrder, isSubscribed } = object as unknown as NamedMailbox;
  return { name, parentId: parentId === null ? null : realId(parentId, createdIds), role, sortOrder, isSubscribed };
}

/** An update that was checked. */
interface Planned {
  readonly wish: Wish;
  readonly change: MailboxChange;
}

/** undefined: nothing would change. SetFailure. */
async function plan(id: string, patch: JsonObject, context: MethodContext): Promise<Planned | undefined> {
  const { account } = context;
  const mailbox = namedMailbox(account, id);
  if (mailbox === undefined) throw notFound();
  const emails = countProperties.some((name) => Object.hasOwn(patch, name)) ? await account.emails() : undefined;
  const current = mailboxObject(mailbox, emails?.counts(id));
  const { next, changed } = checkedUpdate(current, patch, properties);
  if (changed.length === 0) return undefined;
  if (mailbox.role === 'inbox') {
    const kept = changed.filter((name) => name === 'name' || name === 'parentId' || name === 'role');
    if (kept.length > 0) {
      throw new SetFailure({ type: 'forbidden', description: `The inbox keeps its ${kept.join(', ')}` });
    }
  }
  const wish = wishOf(next, context);
  const has = (name: string): boolean => changed.includes(name);
  return {
    wish,
    change: {
      ...(has('name') && { name: wish.name }),
      ...(has('parentId') && { parent: wish.parentId as MailboxId | null }),
      ...(has('role') && { role: wish.role as MailboxRole | null }),
      ...(has('sortOrder') && { sortOrder: wish.sortOrder }),
      ...(has('isSubscribed') && { subscribed: wish.isSubscribed }),
    },
  };
}

/** Names are kept in Unicode's NFC: what else was changed than was asked for. */
function otherwise(id: string, { wish }: Planned, account: Account): JsonObject | null {
  const now = namedMailbox(account, id);
  return now === undefined || now.name === wish.name ? null : { name: now.name };
}

async function update(id: string, patch: JsonObject, task: Task): Promise<JsonObject | null> {
  const { context } = task;
  const { account } = context;
  const planned = await plan(id, patch, context);
  if (planned === undefined) return null;
  const changes = new Map([[id as MailboxId, planned.change]]);
  await naming({ ...planned.wish, id }, account, () =>
    committed(task, (ifModseq) => account.changeMailboxes(changes, ifModseq)),
  );
  return otherwise(id, planned, account);
}

/**
 * RFC 8620 5.3: a call may go through states that could not be, as when two mailboxes change their names. So all updates are tried
 * at once, in one entry; if that cannot be, one after the other tells which one is to blame. Answers with what is still to do.
 */
async function updateTogether(
  updates: ReadonlyMap<string, JsonObject>,
  outcome: SetOutcome,
  task: Task,
): Promise<ReadonlyMap<string, JsonObject>> {
  if (updates.size < 2) return updates;
  const { context } = task;
  const { account } = context;
  const plans = new Map<string, Planned | undefined>();
  const changes = new Map<MailboxId, MailboxChange>();
  try {
    for (const [given, patch] of updates) {
      const id = realId(given, context.createdIds);
      const planned = await plan(id, patch, context);
      plans.set(id, planned);
      if (planned !== undefined) changes.set(id as MailboxId, planned.change);
    }
    if (changes.size > 0) await committed(task, (ifModseq) => account.changeMailboxes(changes, ifModseq));
  } catch (error) {
    if (error instanceof SetFailure || (error instanceof MailError && !error.temporary)) return updates;
    throw error;
  }
  for (const [id, planned] of plans)
    outcome.updated(id, planned === undefined ? null : otherwise(id, planned, account));
  return new Map();
}

/** Does it, and says which property is to blame. */
async function naming<T>(
  wish: Wish & { readonly id?: string },
  account: Account,
  change: () => Promise<T>,
): Promise<T> {
  const { parentId, role } = wish;
  if (parentId !== null && namedMailbox(account, parentId) === undefined) {
    throw invalidProperties(['parentId'], 'There is no such parent');
  }
  // RFC 8621 2: no two mailboxes of an account have the same role.
  const taken = role !== null && namedMailboxes(account).some((each) => each.role === role && each.id !== wish.id);
  if (taken) throw invalidProperties(['role'], `Another mailbox has the role ${role}`);
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    if (error.code === 'alreadyExists') {
      const sibling = siblingOf(wish, account);
      throw new SetFailure({
        type: 'alreadyExists',
        description: error.public,
        properties: ['name'],
        ...(sibling && { existingId: sibling.id }),
      });
    }
    // A loop: below itself.
    if (error.code === 'cannot') throw invalidProperties(['parentId'], error.public);
    if (error.code === 'invalid') throw invalidProperties(['name'], error.public);
    throw error;
  }
}

function siblingOf(wish: Wish, account: Account): NamedMailbox | undefined {
  const name = wish.name.normalize('NFC');
  return namedMailboxes(account).find(
    (each) =>
      each.parentId === wish.parentId &&
      (each.name === name || (each.role === 'inbox' && name.toLowerCase() === each.name.toLowerCase())),
  );
}

async function destroy(id: string, task: Task): Promise<void> {
  const { account } = task.context;
  const mailbox = namedMailbox(account, id);
  if (mailbox === undefined) throw notFound();
  if (mailbox.role === 'inbox')
    throw new SetFailure({ type: 'forbidden', description: 'The inbox cannot be destroyed' });
  const done = await committed(task, (ifModseq) =>
    account.destroyMailbox(id as MailboxId, task.removeEmails, ifModseq),
  );
  if (done === 'notEmpty') {
    throw new SetFailure({ type: 'mailboxHasEmail', description: 'There are emails in the mailbox' });
  }
}

/** So that a whole tree can be destroyed in one call, in whatever order it is named. */
function childrenFirst(ids: readonly string[], account: Account): readonly string[] {
  const depths = new Map(account.mailboxes().map(({ id, path }) => [id as string, path.split('/').length]));
  return [...ids].sort((a, b) => (depths.get(b) ?? 0) - (depths.get(a) ?? 0));
}
