/**
 * Takes every account that ends one step further when it is due: warnings, the lock, the archive, the deletion (schedule.ts). Called
 * again and again by one process of all; safe to be killed anywhere and to run twice, because each step leaves first what it is known
 * by when it is repeated (a letter's id in the mailbox, a verified archive), then its mark, and the mark is for one end date. What
 * fails for one person is logged, tried again the next time, and keeps nobody else waiting.
 *
 * Nobody is locked by it: the access policy does that by the end date itself. It is deletion alone that cannot be undone, and it
 * waits for an archive that holds everything and still lies there, octet for octet.
 */
import type { People, Person } from '../auth/people.js';
import type { ArchiveDocument, Archives } from '../database/archives.js';
import type { AuditTrail } from '../database/audit.js';
import type { LifeDocument, LifeMarks, Lives } from '../database/lives.js';
import { dayAt, daysBetween, type TimeZone } from '../kernel/calendar.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import { answering } from './answering.js';
import {
  type Letter,
  type LetterFacts,
  letterOctets,
  lockedToSponsor,
  serviceName,
  warningToPerson,
  warningToSponsor,
} from './letters.js';
import { deletionOf, type LifeProgress, type LifeStep, lifeDates, nextStep, type Warning } from './schedule.js';

export interface LifeParts {
  readonly people: Pick<People, 'list' | 'get' | 'removeEnded'>;
  readonly lives: Lives;
  readonly archives: Pick<Archives, 'get'>;
  readonly audit: Pick<AuditTrail, 'add'>;
  /** Puts a letter into a mailbox, whatever its quota; once, however often it is called with the same id. */
  deliver(
    to: { readonly account: AccountId; readonly quotaBytes: undefined },
    letter: { readonly id: string; readonly octets: Buffer },
  ): Promise<void>;
  /** Resolves when the archive is verified and known. */
  archive(person: Person, signal: AbortSignal): Promise<ArchiveDocument>;
  isIntact(archive: ArchiveDocument, signal: AbortSignal): Promise<boolean>;
  /** Number of the newest entry of the account's log. */
  modseqOf(account: AccountId): Promise<number>;
  /** By which things are deleted: throws when clocks disagree. */
  trustedNowMs(): Promise<number>;
  readonly domain: string;
  readonly zone: TimeZone;
  readonly clock: Clock;
  readonly log: Log;
}

export async function lifePass(parts: LifeParts, signal: AbortSignal): Promise<void> {
  const { people, lives, log } = parts;
  const everybody = await people.list();
  const here = new Set(everybody.map(({ _id }) => _id));
  const known = await lives.list();
  for (const life of known) if (!here.has(life._id)) await finishDeletion(parts, life);
  const begun = new Set(known.map(({ _id }) => _id));
  for (const person of everybody) {
    signal.throwIfAborted();
    try {
      await live(parts, person, begun.has(person._id), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      log.error(
        { err: error, account: person._id },
        'the next step of an account that ends failed and will be tried again',
      );
    }
  }
}

async function live(parts: LifeParts, person: Person, begun: boolean, signal: AbortSignal): Promise<void> {
  const { lives, clock, zone } = parts;
  const { _id, expires } = person;
  // Nothing is due yet, or any more: what was done for another end date does not count when this one comes.
  if (expires === undefined || clock.nowMs() < lifeDates(expires, zone).firstWarning) {
    if (begun) await lives.remove(_id);
    return;
  }
  let life = await lives.begin(_id, expires);
  if (person.removing !== undefined) {
    // Interrupted behind the point of no return. Whoever else is being removed is none of ours.
    if (life.archived !== undefined) await remove(parts, person, expires);
    return;
  }
  for (;;) {
    signal.throwIfAborted();
    const step = nextStep(expires, progressOf(life), zone, clock.nowMs());
    // Somebody who administers is let go by a person, not by a calendar.
    if (step === undefined || (step.kind === 'delete' && person.admin)) return;
    if (step.kind === 'delete') {
      await deleteAccount(parts, person, expires, life, signal);
      return;
    }
    const key = step.kind === 'warn' ? `warning-${step.warning}` : step.kind;
    if (life.begun?.step !== key) {
      const begun = { step: key, at: new Date(clock.nowMs()) };
      if (!(await lives.mark(_id, expires, { begun }))) return;
      life = { ...life, begun };
    }
    const task = { person, expires, at: life.begun?.at ?? new Date(clock.nowMs()) };
    const marks = await take(parts, task, step, signal);
    if (!(await lives.mark(_id, expires, marks))) return;
    life = { ...life, ...marks };
  }
}

/** A step that is taken, since `at`. */
interface Task {
  readonly person: Person;
  readonly expires: Date;
  readonly at: Date;
}

function take(
  parts: LifeParts,
  task: Task,
  step: Exclude<LifeStep, { readonly kind: 'delete' }>,
  signal: AbortSignal,
): Promise<LifeMarks> {
  switch (step.kind) {
    case 'warn':
      return warn(parts, task, step.warning);
    case 'lock':
      return lock(parts, task);
    case 'archive':
      return archive(parts, task, signal);
  }
}

export const progressOf = ({
  warned14,
  warned3,
  locked,
  archived,
}: Omit<LifeDocument, '_id' | 'ends'>): LifeProgress => ({
  warned: { ...(warned14 && { 14: warned14 }), ...(warned3 && { 3: warned3 }) },
  ...(locked && { locked }),
  ...(archived && { archived }),
});

async function warn(parts: LifeParts, task: Task, warning: Warning): Promise<LifeMarks> {
  const { person, expires, at } = task;
  const { sponsor, teller } = await answering(parts, person);
  const facts = factsOf(parts, task, sponsor);
  const id = letterId(person._id, expires, `warning-${warning}`);
  await send(parts, at, person, `${id}-person`, warningToPerson(person.lang, facts));
  if (teller !== undefined) await send(parts, at, teller, `${id}-sponsor`, warningToSponsor(teller.lang, facts));
  const to = [person, teller].flatMap((one) => one?.address ?? []).join(', ');
  await note(parts, task, `warned ${warning} days before`, { days: facts.daysLeft, to });
  return { [`warned${warning}`]: at };
}

async function lock(parts: LifeParts, task: Task): Promise<LifeMarks> {
  const { person, expires, at } = task;
  const { sponsor, teller } = await answering(parts, person);
  const letter = teller && lockedToSponsor(teller.lang, factsOf(parts, task, sponsor));
  if (letter !== undefined)
    await send(parts, at, teller!, `${letterId(person._id, expires, 'locked')}-sponsor`, letter);
  await note(parts, task, 'locked', {});
  return { locked: at };
}

async function archive(parts: LifeParts, { person }: Task, signal: AbortSignal): Promise<LifeMarks> {
  const made = await parts.archive(person, signal);
  await noteArchive(parts, person, made);
  return { archived: made.made, archive: made._id };
}

async function deleteAccount(
  parts: LifeParts,
  person: Person,
  expires: Date,
  life: LifeDocument,
  signal: AbortSignal,
): Promise<void> {
  const due = deletionOf(life.archived ?? expires, parts.zone);
  if ((await parts.trustedNowMs()) < due) return;
  const archive = life.archive === undefined ? undefined : await parts.archives.get(life.archive);
  // What arrived since is in no archive yet, and a file may have been lost with its disk.
  const whole =
    archive !== undefined &&
    archive.modseq === (await parts.modseqOf(person._id)) &&
    (await parts.isIntact(archive, signal));
  if (!whole) {
    const again = await parts.archive(person, signal);
    await noteArchive(parts, person, again);
    if (!(await parts.lives.mark(person._id, expires, { archive: again._id }))) return;
  }
  await remove(parts, person, expires);
}

/** Once begun it is finished, by this process or by the next pass of another. */
async function remove(parts: LifeParts, person: Person, expires: Date): Promise<void> {
  if (!(await parts.people.removeEnded(person._id, expires))) return;
  const life = (await parts.lives.list()).find(({ _id }) => _id === person._id);
  if (life !== undefined) await finishDeletion(parts, life);
}

/** Nobody is there any more: what is left is to say so, by the archive that outlives the person. */
async function finishDeletion({ lives, archives, audit, clock }: LifeParts, life: LifeDocument): Promise<void> {
  const archive = life.archive === undefined ? undefined : await archives.get(life.archive);
  if (archive !== undefined) {
    await audit.add({
      _id: `life/${life._id}/${life.ends.getTime()}/deleted`,
      t: new Date(clock.nowMs()),
      what: 'account deleted',
      a: life._id,
      address: archive.address,
      by: 'service',
      detail: { archive: archive.file },
    });
  }
  await lives.remove(life._id);
}

function factsOf({ domain, zone }: LifeParts, { person, expires, at }: Task, sponsor: Person | undefined): LetterFacts {
  const lastDay = dayAt(expires.getTime(), zone);
  return { person, sponsor, lastDay, daysLeft: daysBetween(dayAt(at.getTime(), zone), lastDay), domain };
}

const letterId = (account: AccountId, expires: Date, what: string): string =>
  `life-${account}-${Math.floor(expires.getTime() / 1000).toString(36)}-${what}`;

/** A letter that is made again is the same, octet for octet: the mailbox knows it by its id and its content. */
async function send({ domain, deliver }: LifeParts, at: Date, to: Person, id: string, letter: Letter): Promise<void> {
  const from = { name: serviceName(to.lang), address: `postmaster@${domain}` };
  const octets = await letterOctets(letter, { from, to, id, domain, dateMs: at.getTime() });
  await deliver({ account: to._id, quotaBytes: undefined }, { id, octets });
}

async function note(
  { audit }: LifeParts,
  { person, expires, at }: Task,
  what: string,
  detail: Readonly<Record<string, string | number>>,
): Promise<void> {
  await audit.add({
    _id: `life/${person._id}/${expires.getTime()}/${what}`,
    t: at,
    what: `account ${what}`,
    a: person._id,
    address: person.address,
    by: 'service',
    detail: { ...detail, ends: expires.toISOString() },
  });
}

async function noteArchive({ audit }: LifeParts, person: Person, archive: ArchiveDocument): Promise<void> {
  await audit.add({
    _id: `life/${person._id}/archive/${archive._id}`,
    t: archive.made,
    what: 'account archived',
    a: person._id,
    address: person.address,
    by: 'service',
    detail: { file: archive.file, messages: archive.messages, bytes: archive.bytes, sha256: archive.sha256 },
  });
}
