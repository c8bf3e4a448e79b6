/** Random `setEmails` calls, and what each does to a snapshot. */
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type { EmailRefusal } from '@vaguemestre/server/mailstore/email-set';
import fc from 'fast-check';
import { letter, stageMessage } from '../../harness/store-messages.js';
import { type Snapshot, type SnapshotEmail, unionOf } from './email-snapshot.js';

/** Emails and mailboxes by their place in the lists of what is there; beyond them is what is not there. */
export interface RandomSet {
  readonly kind: 'set';
  readonly creates: readonly {
    readonly boxes: readonly number[];
    readonly flags: readonly string[];
    /** Answers to the same question lie in one thread. */
    readonly question: number;
  }[];
  readonly updates: readonly {
    readonly email: number;
    readonly flags: { readonly on: readonly string[]; readonly off: readonly string[] | 'all' } | undefined;
    readonly boxes:
      | { readonly kind: 'replace'; readonly to: readonly number[] }
      | { readonly kind: 'patch'; readonly add: readonly number[]; readonly remove: readonly number[] }
      | undefined;
  }[];
  readonly destroys: readonly number[];
}

const names = ['\\Seen', '\\Flagged', '\\Draft', '$Label1', 'Travail', 'kw29', 'kw1'];
const flags = fc.subarray(names, { maxLength: 3 });
const email = fc.nat({ max: 12 });
const boxes = fc.uniqueArray(fc.nat({ max: 7 }), { minLength: 1, maxLength: 3 });

export const randomSet: fc.Arbitrary<RandomSet> = fc.record({
  kind: fc.constant('set' as const),
  creates: fc.array(fc.record({ boxes, flags, question: fc.nat({ max: 2 }) }), { maxLength: 2 }),
  updates: fc.uniqueArray(
    fc.record({
      email,
      flags: fc.option(
        fc.record({ on: flags, off: fc.oneof(flags, fc.constant('all' as const)) }).map(({ on, off }) => ({
          on,
          off: off === 'all' ? off : off.filter((name) => !on.includes(name)),
        })),
        { nil: undefined },
      ),
      boxes: fc.option(
        fc.oneof(
          fc.record({ kind: fc.constant('replace' as const), to: boxes }),
          fc.record({
            kind: fc.constant('patch' as const),
            add: fc.array(fc.nat({ max: 7 }), { maxLength: 2 }),
            remove: boxes,
          }),
        ),
        { nil: undefined },
      ),
    }),
    { maxLength: 4, selector: (update) => update.email },
  ),
  destroys: fc.uniqueArray(email, { maxLength: 2 }),
});

const noEmail = 'f'.repeat(24);
const noMailbox = 'nosuchbox000';

function namesIn(account: Account, snapshot: Snapshot): { email(i: number): string; box(i: number): string } {
  const ids = [...snapshot.emails.keys()].sort();
  const mailboxes = account.mailboxes().map((info) => info.id as string);
  return { email: (i) => ids[i] ?? noEmail, box: (i) => mailboxes[i] ?? noMailbox };
}

type Outcome = { readonly id: string } | EmailRefusal['refused'] | undefined;
export type SetAnswer = { readonly created: Outcome[]; readonly updated: Outcome[]; readonly destroyed: Outcome[] };

/** Emails that were created are put into `snapshot`. */
export async function runSet(account: Account, snapshot: Snapshot, set: RandomSet): Promise<SetAnswer | string> {
  const named = namesIn(account, snapshot);
  try {
    const creates = [];
    for (const { boxes: to, flags: on, question } of set.creates) {
      const message = await stageMessage(account, letter('x', 'y\r\n', [`In-Reply-To: <${question}@x>`]));
      creates.push({ message, mailboxes: to.map(named.box) as never[], flags: on });
    }
    const result = await account.setEmails({
      creates,
      updates: set.updates.map(({ email: number, flags: patch, boxes: to }) => ({
        id: named.email(number),
        ...(patch === undefined ? {} : { flags: patch }),
        ...(to === undefined
          ? {}
          : {
              mailboxes:
                to.kind === 'replace'
                  ? { kind: 'replace' as const, mailboxes: to.to.map(named.box) as never[] }
                  : {
                      kind: 'patch' as const,
                      add: to.add.map(named.box) as never[],
                      remove: to.remove.map(named.box) as never[],
                    },
            }),
      })),
      destroys: set.destroys.map(named.email),
    });
    for (const [i, one] of result.created.entries()) {
      if ('refused' in one) continue;
      const { boxes: to, flags: on } = set.creates[i]!;
      const given = new Set(on.map((flag) => flag.toLowerCase()));
      const places = to.map((box) => ({ mailbox: named.box(box), uid: 0, flags: given }));
      snapshot.emails.set(one.id, { id: one.id, thread: one.thread, size: one.size, date: one.receivedAt, places });
    }
    const outcome = (one: EmailRefusal | undefined): Outcome => one?.refused;
    return {
      created: result.created.map((one) => ('refused' in one ? one.refused : undefined)),
      updated: result.updated.map(outcome),
      destroyed: result.destroyed.map(outcome),
    };
  } catch (error) {
    if (error instanceof MailError) return error.code;
    throw error;
  }
}

/** Changes the snapshot but for what is created: that is looked up afterwards. */
export function runSetOnModel(account: Account, snapshot: Snapshot, set: RandomSet): SetAnswer {
  const named = namesIn(account, snapshot);
  const isThere = (box: string): boolean => snapshot.mailboxes.has(box);
  const done = new Set<string>();
  const take = (id: string): SnapshotEmail | undefined => {
    if (done.has(id)) return undefined;
    done.add(id);
    return snapshot.emails.get(id);
  };
  const destroyed = set.destroys.map(named.email).map((id): Outcome => {
    const found = take(id);
    if (found === undefined) return 'nonexistent';
    snapshot.emails.delete(id);
    return undefined;
  });
  const updated = set.updates.map(({ email: number, flags: patch, boxes: to }): Outcome => {
    const found = take(named.email(number));
    if (found === undefined) return 'nonexistent';
    const now = new Set(found.places.map((place) => place.mailbox));
    const wanted = new Set(to?.kind === 'replace' ? to.to.map(named.box) : now);
    if (to?.kind === 'patch') {
      for (const box of to.remove) wanted.delete(named.box(box));
      for (const box of to.add) wanted.add(named.box(box));
    }
    if (wanted.size === 0) return 'nowhere';
    const added = [...wanted].filter((box) => !now.has(box));
    if (!added.every(isThere)) return 'mailbox';
    const changed = (before: ReadonlySet<string>): Set<string> => {
      const after = new Set(before);
      if (patch === undefined) return after;
      for (const flag of before) {
        const goes = patch.off === 'all' ? flag !== '\\deleted' : patch.off.some((name) => name.toLowerCase() === flag);
        if (goes) after.delete(flag);
      }
      for (const flag of patch.on) after.add(flag.toLowerCase());
      return after;
    };
    const given = changed(unionOf(found));
    given.delete('\\deleted');
    const stay = found.places.filter((place) => wanted.has(place.mailbox));
    for (const place of stay) place.flags = changed(place.flags);
    found.places = [...stay, ...added.map((mailbox) => ({ mailbox, uid: 0, flags: given }))];
    return undefined;
  });
  const created = set.creates.map(
    ({ boxes: to }): Outcome => (to.every((box) => isThere(named.box(box))) ? undefined : 'mailbox'),
  );
  return { created, updated, destroyed };
}
