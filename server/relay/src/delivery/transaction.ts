/**
 * One message over a session (RFC 5321 3.3; RFC 2033 for LMTP): MAIL, RCPT of each recipient, then the octets, by BDAT where it is
 * offered (RFC 3030) and by DATA elsewhere, in as few round trips as PIPELINING allows (RFC 2920). Every recipient gets an
 * outcome of its own.
 *
 * Nothing is said twice: once the last octet of a message is out, a missing reply is a doubt (RFC 1047) and not a failure. Before
 * that, whatever goes wrong leaves the message untaken. Octets go as the host reads them, none is held.
 */
import { DotStuffing } from '@vaguemestre/server/codec/pop3/dot-stuffing';
import type { Body, Envelope, Recipient } from '../queue/message.js';
import type { ClientTimeouts } from './client-timeouts.js';
import { type EnvelopeLines, envelopeLines } from './envelope-lines.js';
import { asTrouble, HostTrouble, ownReply, type RemoteReply, readReply, replyText } from './remote-reply.js';
import type { HostSession } from './session.js';

export type RecipientOutcome =
  | { readonly kind: 'delivered'; readonly reply: string }
  /** `host`: the host is at fault or busy, another may do better; `tooMany`: a further transaction will. */
  | { readonly kind: 'later'; readonly reply: string; readonly doubt: boolean; readonly why: 'host' | 'tooMany' }
  | { readonly kind: 'failed'; readonly reply: string };

export interface TransactionResult {
  readonly outcomes: readonly RecipientOutcome[];
  /** Another message may follow. */
  readonly reusable: boolean;
  /** Nothing was said to this session's host that it answered: it had closed the connection before. */
  readonly stale: boolean;
}

export interface TransactionMessage {
  readonly envelope: Envelope;
  readonly recipients: readonly Recipient[];
  readonly body: Body;
}

/** Rejects with what reading the body threw, and destroys the session then. */
export async function sendMessage(
  session: HostSession,
  message: TransactionMessage,
  timeouts: ClientTimeouts,
): Promise<TransactionResult> {
  const lines = envelopeLines(session, message);
  const progress = new Progress(message.recipients.length);
  if ('refused' in lines) {
    progress.settleOpen({ kind: 'failed', reply: lines.refused });
    return { outcomes: progress.outcomes(), reusable: true, stale: false };
  }
  for (const [i, rcpt] of lines.rcpt.entries())
    if (typeof rcpt !== 'string') progress.settle(i, { kind: 'failed', reply: rcpt.refused });
  if (progress.openIndexes().length === 0) return { outcomes: progress.outcomes(), reusable: true, stale: false };
  try {
    await runTransaction(session, message, lines, timeouts, progress);
  } catch (error) {
    session.connection.destroy('failed');
    const trouble = asTrouble(error);
    if (!(trouble instanceof HostTrouble)) throw error;
    progress.lost(ownReply(trouble.enhanced, trouble.message));
  }
  session.uses++;
  return { outcomes: progress.outcomes(), reusable: progress.reusable, stale: progress.stale };
}

/** What is known of each recipient so far. */
class Progress {
  readonly #outcomes: (RecipientOutcome | undefined)[];
  /** The host gave an answer. */
  answered = false;
  /** The last octet may have reached the host. */
  inDoubt = false;
  reusable = false;
  stale = false;

  constructor(count: number) {
    this.#outcomes = new Array<RecipientOutcome | undefined>(count);
  }

  isOpen(index: number): boolean {
    return this.#outcomes[index] === undefined;
  }

  openIndexes(): number[] {
    return [...this.#outcomes.keys()].filter((index) => this.isOpen(index));
  }

  settle(index: number, outcome: RecipientOutcome): void {
    this.#outcomes[index] ??= outcome;
  }

  settleOpen(outcome: RecipientOutcome): void {
    for (let i = 0; i < this.#outcomes.length; i++) this.#outcomes[i] ??= outcome;
  }

  /** The conversation ended in the middle. */
  lost(reply: string): void {
    this.reusable = false;
    this.stale ||= !this.answered;
    this.settleOpen({ kind: 'later', reply, doubt: this.inDoubt, why: 'host' });
  }

  outcomes(): readonly RecipientOutcome[] {
    this.settleOpen({ kind: 'later', reply: ownReply('4.5.0', 'the host gave no answer'), doubt: false, why: 'host' });
    return this.#outcomes as RecipientOutcome[];
  }
}

async function runTransaction(
  session: HostSession,
  message: TransactionMessage,
  lines: EnvelopeLines,
  timeouts: ClientTimeouts,
  progress: Progress,
): Promise<void> {
  const { connection, extensions } = session;
  const { pipelining, chunking } = extensions;
  // RFC 2920 3.1: DATA may end a group of commands; BDAT is not sent before somebody wants the octets.
  if (pipelining)
    connection.write(
      [lines.mail, ...lines.rcpt.filter((line) => typeof line === 'string'), ...(chunking ? [] : ['DATA\r\n'])].join(
        '',
      ),
    );
  else connection.write(lines.mail);
  const mail = await answerTo(session, timeouts.mailMs, progress);
  // A kept session that the host ends now (RFC 5321 3.8): nothing was refused.
  progress.stale = mail.code === 421;
  const mailRefusal = mail.code >= 200 && mail.code < 300 ? undefined : outcomeOf(mail);
  if (mailRefusal !== undefined) progress.settleOpen(mailRefusal);
  if (mailRefusal === undefined || pipelining) {
    for (const [i, line] of lines.rcpt.entries()) {
      if (typeof line !== 'string') continue;
      if (!pipelining) connection.write(line);
      const answer = await answerTo(session, timeouts.rcptMs, progress);
      if (answer.code >= 300 || answer.code < 200) progress.settle(i, rcptOutcome(answer));
    }
  }
  if (progress.openIndexes().length === 0) return abandon(session, timeouts, progress);
  if (chunking) {
    await sendChunk(session, message.body, timeouts, progress);
    return;
  }
  if (!pipelining) connection.write('DATA\r\n');
  const data = await answerTo(session, timeouts.dataMs, progress);
  if (data.code !== 354) {
    if (data.code >= 400) {
      progress.settleOpen(outcomeOf(data));
      progress.reusable = data.code !== 421;
      return;
    }
    // A host that has lost its place: what it says next belongs to something else, and it has no message yet.
    throw outOfStep(data);
  }
  await sendData(session, message.body, timeouts, progress);
}

/** Every recipient has an outcome already, and there is no message to send. */
async function abandon(session: HostSession, timeouts: ClientTimeouts, progress: Progress): Promise<void> {
  const { connection, extensions, protocol } = session;
  if (extensions.pipelining && !extensions.chunking) {
    const data = await answerTo(session, timeouts.dataMs, progress);
    if (data.code === 354) {
      // RFC 2033 4.2 forbids it in LMTP, where nobody would know how many replies come.
      if (protocol === 'lmtp') return connection.destroy('DATA without recipients');
      // RFC 2920 3.1: an empty message ends it; the host has nobody to give it to.
      connection.write('.\r\n');
      await answerTo(session, timeouts.finalMs, progress);
    }
  }
  connection.write('RSET\r\n');
  progress.reusable = (await answerTo(session, timeouts.commandMs, progress)).code === 250;
}

async function sendData(session: HostSession, body: Body, timeouts: ClientTimeouts, progress: Progress): Promise<void> {
  const { connection } = session;
  const stuffing = new DotStuffing();
  const write = (octets: Uint8Array): void => connection.write(octets);
  for await (const octets of body.octets()) {
    if (connection.hasBufferedInput) return interrupted(session, timeouts, progress);
    stuffing.push(octets, write);
    await connection.drained();
  }
  progress.inDoubt = true;
  stuffing.end(write);
  await finalReplies(session, timeouts, progress);
}

/** RFC 3030 2: one chunk, and no octet of it means anything to the protocol. */
async function sendChunk(
  session: HostSession,
  body: Body,
  timeouts: ClientTimeouts,
  progress: Progress,
): Promise<void> {
  const { connection } = session;
  let left = body.sizeBytes;
  connection.write(`BDAT ${left} LAST\r\n`);
  for await (const octets of body.octets()) {
    if (connection.hasBufferedInput) return interrupted(session, timeouts, progress);
    left -= octets.length;
    // A chunk of another length than was said would make commands of octets.
    if (left < 0) break;
    if (left === 0) progress.inDoubt = true;
    connection.write(octets);
    await connection.drained();
  }
  if (left !== 0) throw new Error(`the message is not ${body.sizeBytes} octets long`);
  progress.inDoubt = true;
  await finalReplies(session, timeouts, progress);
}

/** The host spoke before it had the message: it does not want it. */
async function interrupted(session: HostSession, timeouts: ClientTimeouts, progress: Progress): Promise<void> {
  const answer = await answerTo(session, timeouts.commandMs, progress);
  if (answer.code < 400) throw outOfStep(answer);
  progress.settleOpen(outcomeOf(answer));
  session.connection.destroy('answered before the message');
}

async function finalReplies(session: HostSession, timeouts: ClientTimeouts, progress: Progress): Promise<void> {
  if (session.protocol === 'smtp') {
    const answer = await answerTo(session, timeouts.finalMs, progress);
    progress.settleOpen(outcomeOf(answer));
    progress.reusable = answer.code !== 421;
    return;
  }
  // RFC 2033 4.2: one reply for each recipient that was taken, in their order.
  const open = progress.openIndexes();
  let closing = false;
  for (const index of open) {
    const answer = await answerTo(session, timeouts.finalMs, progress);
    progress.settle(index, outcomeOf(answer));
    closing ||= answer.code === 421;
  }
  progress.reusable = !closing;
}

async function answerTo(session: HostSession, timeoutMs: number, progress: Progress): Promise<RemoteReply> {
  const answer = await readReply(session.connection, timeoutMs);
  progress.answered = true;
  return answer;
}

const outOfStep = (answer: RemoteReply): HostTrouble =>
  new HostTrouble('4.5.0', `the host is out of step, it says: ${replyText(answer)}`);

function outcomeOf(answer: RemoteReply): RecipientOutcome {
  const reply = replyText(answer);
  if (answer.code >= 500) return { kind: 'failed', reply };
  if (answer.code >= 300 && answer.code < 400) throw outOfStep(answer);
  return answer.code < 300 ? { kind: 'delivered', reply } : { kind: 'later', reply, doubt: false, why: 'host' };
}

/** RFC 5321 4.5.3.1.10: too many recipients for one transaction, which old hosts say with 552. */
function rcptOutcome(answer: RemoteReply): RecipientOutcome {
  const text = answer.lines[0] ?? '';
  const coded = /^[45]\.\d{1,3}\.\d{1,3}( |$)/.test(text);
  const tooMany = coded ? /^[45]\.5\.3( |$)/.test(text) : answer.code === 452;
  if (tooMany && (answer.code === 452 || answer.code === 552)) {
    return { kind: 'later', reply: replyText(answer), doubt: false, why: 'tooMany' };
  }
  return outcomeOf(answer);
}
