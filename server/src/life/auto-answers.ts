/**
 * Automatic answers for people whose account ended: for 30 days, who writes to them is told once a week that nobody reads it, and whom
 * to ask instead. Looks at what arrived since it looked last, so a delivery waits for nothing and no way into a mailbox is forgotten.
 * The answers go through the outbox under an id that follows from the message: killed anywhere, each is sent once.
 */
import { createHash } from 'node:crypto';
import { parseAddress } from '../auth/address.js';
import type { People, Person } from '../auth/people.js';
import type { AnsweredSenders } from '../database/answered-senders.js';
import type { LifeDocument, Lives } from '../database/lives.js';
import { dayAt, type TimeZone } from '../kernel/calendar.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Account } from '../mailstore/account.js';
import type { MessageOctets } from '../mailstore/content.js';
import type { MailboxInfo } from '../mailstore/mailbox.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { Outbox } from '../outbox/outbox.js';
import { answering } from './answering.js';
import { type Answerable, judgeForAnswer } from './auto-answer-rules.js';
import { automaticAnswer, letterOctets } from './letters.js';
import { lifeDates } from './schedule.js';

export interface AnswerParts {
  readonly people: Pick<People, 'list' | 'get'>;
  readonly mailstore: Pick<Mailstore, 'openAccount'>;
  readonly outbox: Pick<Outbox, 'submit'>;
  readonly lives: Lives;
  readonly answered: Pick<AnsweredSenders, 'claim'>;
  readonly domain: string;
  readonly zone: TimeZone;
  readonly clock: Clock;
  readonly log: Log;
}

/** RFC 5230 4.1 takes seven days when nothing else is said. */
const againAfterMs = 7 * 24 * 3_600_000;
/** Nobody wrote there to a person, or the person wrote it. */
const silentRoles: ReadonlySet<string | undefined> = new Set(['junk', 'trash', 'sent', 'drafts']);
const maxAnswerBytes = 256 * 1024;

export async function answerForEnded(parts: AnswerParts, signal: AbortSignal): Promise<void> {
  const { people, lives, clock, zone, log } = parts;
  const nowMs = clock.nowMs();
  for (const person of await people.list()) {
    signal.throwIfAborted();
    const { _id, expires } = person;
    if (expires === undefined || person.removing !== undefined) continue;
    const dates = lifeDates(expires, zone);
    if (nowMs < dates.locked || nowMs >= dates.archive) continue;
    try {
      const life = await lives.begin(_id, expires);
      await answerFor(parts, person, expires, life, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ err: error, account: _id }, 'mail of an account that ended could not be answered and will be again');
    }
  }
}

async function answerFor(
  parts: AnswerParts,
  person: Person,
  expires: Date,
  life: LifeDocument,
  signal: AbortSignal,
): Promise<void> {
  const account = await parts.mailstore.openAccount(person._id, { by: 'answers' });
  try {
    await account.refresh(signal);
    for (const mailbox of account.mailboxes()) {
      const seen = life.answered?.[mailbox.id] ?? 1;
      if (silentRoles.has(mailbox.role) || mailbox.uidNext <= seen) continue;
      await answerMailbox(parts, person, expires, { account, mailbox, seen }, signal);
      if (!(await parts.lives.markAnswered(person._id, expires, mailbox.id, mailbox.uidNext))) return;
    }
  } finally {
    account.release();
  }
}

interface Unseen {
  readonly account: Account;
  readonly mailbox: MailboxInfo;
  /** Below this UID everything was looked at. */
  readonly seen: number;
}

async function answerMailbox(
  parts: AnswerParts,
  person: Person,
  expires: Date,
  { account, mailbox, seen }: Unseen,
  signal: AbortSignal,
): Promise<void> {
  const cursor = await account.open(mailbox.id, signal);
  try {
    const { view } = cursor;
    await view.load(['date'], signal);
    const indexes: number[] = [];
    const end = view.lowerBound(mailbox.uidNext);
    for (let i = view.lowerBound(seen); i < end; i++) {
      if (view.dateAt(i) * 1000 > expires.getTime()) indexes.push(i);
    }
    if (indexes.length === 0) return;
    const own = new Set(person.addresses);
    for await (const octets of account.readContents(view, indexes, signal)) {
      const { prefix, first } = octets;
      const verdict = judgeForAnswer(prefix, first.subarray(0, maxAnswerBytes), own, parts.domain);
      if (typeof verdict !== 'string') await answer(parts, person, expires, octets, verdict);
    }
  } finally {
    cursor.close();
  }
}

async function answer(
  parts: AnswerParts,
  person: Person,
  expires: Date,
  { id: message }: MessageOctets,
  verdict: Answerable,
): Promise<void> {
  const { answered, outbox, clock, zone, domain, log } = parts;
  const now = new Date(clock.nowMs());
  const sender = digest(parseAddress(verdict.to, domain)?.address ?? verdict.to);
  const notSince = new Date(now.getTime() - againAfterMs);
  if (!(await answered.claim(person._id, sender, message, now, notSince))) return;
  const { sponsor } = await answering(parts, person);
  const { lang, movedTo } = person;
  const lastDay = dayAt(expires.getTime(), zone);
  const letter = automaticAnswer({ person, lang, sponsor, movedTo, lastDay }, verdict.subject);
  const id = digest(`${person._id}\n${message}\n${verdict.to}`);
  const to = { name: '', address: verdict.to };
  const octets = await letterOctets(
    letter,
    { from: person, to, id: `answer-${id}`, domain, dateMs: now.getTime() },
    verdict,
  );
  try {
    await outbox.submit(
      {
        account: person._id,
        id,
        emailId: '',
        threadId: '',
        identityId: '',
        // RFC 3834 3.3, RFC 5230 4.6: nothing comes back to an answer.
        envelope: { from: '' },
        recipients: [{ address: verdict.to, notify: ['never'] }],
        notBeforeMs: now.getTime(),
        lang,
        unlisted: true,
      },
      { octets: once(octets), size: octets.length, maxBytes: maxAnswerBytes },
    );
  } catch (error) {
    // Somebody has many write: the others stay without an answer, and the mailbox is not looked at again and again.
    if (!(error instanceof MailError) || error.code !== 'limit') throw error;
    log.warn({ account: person._id }, 'an account that ended has too many answers waiting');
  }
}

/** 24 hex digits. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

async function* once(octets: Uint8Array): AsyncIterable<Uint8Array> {
  yield octets;
}
