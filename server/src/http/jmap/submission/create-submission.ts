/**
 * Hands an email in to be sent (RFC 8621 7.5). Everything that can be known to be wrong is found before anything is written: who
 * may send from where, as whom, to whom. SetFailure.
 */
import type { SenderPerson, Senders } from '../../../auth/senders.js';
import type { Clock } from '../../../kernel/clock.js';
import { MailError } from '../../../kernel/errors.js';
import { MiB } from '../../../kernel/limits.js';
import type { Log } from '../../../kernel/log.js';
import type { MessageOctets } from '../../../mailstore/content.js';
import { type Correspondents, noteWritten } from '../../../outbox/correspondents.js';
import type { PersonIdentities } from '../../../outbox/identities.js';
import { type MessageParties, messageParties } from '../../../outbox/message-parties.js';
import type { Outbox } from '../../../outbox/outbox.js';
import type { Submission } from '../../../outbox/submission.js';
import type { JsonObject, MethodContext } from '../method.js';
import { realId } from '../standard/get.js';
import { checkedCreate, type Properties } from '../standard/properties.js';
import { invalidProperties, SetFailure } from '../standard/set-failure.js';
import { isId, isObject } from '../values.js';
import { derivedEnvelope, givenEnvelope, type SendingEnvelope } from './envelope.js';
import { type SubmissionWords, submissionWords } from './submission-words.js';

export interface SubmissionParts {
  readonly outbox: Outbox;
  readonly identities: PersonIdentities;
  readonly senders: Senders;
  readonly correspondents: Correspondents;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** An id, or `#` and that of something created before. */
const isReference = (value: unknown): value is string =>
  typeof value === 'string' && isId(value.startsWith('#') ? value.slice(1) : value);

/** Of a submission a client gives these when it creates one; all else is the server's. */
const properties: Properties = {
  identityId: { setBy: 'create', is: isReference },
  emailId: { setBy: 'create', is: isReference },
  envelope: { setBy: 'create', is: (value) => value === null || isObject(value), ifAbsent: null },
};

export async function createSubmission(
  parts: SubmissionParts,
  object: JsonObject,
  context: MethodContext,
): Promise<Submission> {
  const { account, signedIn, createdIds } = context;
  const given = checkedCreate(object, properties);
  const words = submissionWords[signedIn.principal.lang];
  const [sender, refusal] = await Promise.all([
    parts.senders.of(account.id),
    parts.senders.refusal(account.id, signedIn.peer),
  ]);
  if (sender === undefined || refusal !== undefined) {
    throw new SetFailure({ type: 'forbiddenToSend', description: words.refused(refusal ?? 'notAllowed') });
  }
  const identityId = realId(given['identityId'] as string, createdIds);
  const identity = (await parts.identities.list(account.id)).find(({ id }) => id === identityId);
  if (identity === undefined) throw invalidProperties(['identityId'], 'There is no such identity');
  const email = await findEmail(realId(given['emailId'] as string, createdIds), context);
  const size = email.octets.size - email.octets.prefix.length;
  if (size > parts.maxMessageBytes) {
    const description = words.tooLarge(Math.floor(parts.maxMessageBytes / MiB));
    throw new SetFailure({ type: 'tooLarge', maxSize: parts.maxMessageBytes, description });
  }
  const parties = messageParties(email.octets.first);
  checkAuthors(parties, sender, words);
  const { envelope: asked } = given;
  const nowMs = parts.clock.nowMs();
  const sending = isObject(asked)
    ? givenEnvelope(asked, sender, nowMs, words)
    : derivedEnvelope(parties, sender, identity.email, nowMs, words);
  const submission = await handIn(parts, { email, identityId, sending, size, words, lang: sender.lang }, context);
  await noteWritten(parts.correspondents, account.id, parties.to, sending.recipients, parts.log);
  return submission;
}

interface FoundEmail {
  readonly id: string;
  readonly threadId: string;
  readonly octets: MessageOctets;
}

async function findEmail(id: string, { account, signal }: MethodContext): Promise<FoundEmail> {
  const emails = await account.emails();
  const number = emails.numberOf(id);
  if (number >= 0) {
    const threadId = emails.threadAt(number);
    for await (const octets of account.readContents(emails, [number], signal)) return { id, threadId, octets };
  }
  throw invalidProperties(['emailId'], 'There is no such email');
}

/** RFC 8621 7.5 invalidEmail, forbiddenFrom; RFC 5322 3.6.2: several authors need one Sender. */
function checkAuthors({ from, sender }: MessageParties, person: SenderPerson, words: SubmissionWords): void {
  if (from.length === 0) {
    throw new SetFailure({ type: 'invalidEmail', properties: ['from'], description: words.noAuthor });
  }
  if (sender.length !== 1) {
    const description = words.severalAuthors;
    throw new SetFailure({ type: 'invalidEmail', properties: ['from', 'sender'], description });
  }
  const foreign = [...from, ...sender].find(({ address }) => !person.owns(address));
  if (foreign === undefined) return;
  throw new SetFailure({ type: 'forbiddenFrom', description: words.notYours(foreign.address.slice(0, 200)) });
}

interface Handed {
  readonly email: FoundEmail;
  readonly identityId: string;
  readonly sending: SendingEnvelope;
  readonly size: number;
  readonly lang: SenderPerson['lang'];
  readonly words: SubmissionWords;
}

async function handIn(
  { outbox, maxMessageBytes }: SubmissionParts,
  { email, identityId, sending, size, lang, words }: Handed,
  { account }: MethodContext,
): Promise<Submission> {
  try {
    return await outbox.submit(
      { account: account.id, emailId: email.id, threadId: email.threadId, identityId, lang, ...sending },
      // What delivery put before it stays with its reader. A header that is completed may grow a little.
      { octets: contentOf(email.octets), size, maxBytes: maxMessageBytes + headroomBytes },
    );
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    if (error.code === 'limit') throw new SetFailure({ type: 'forbiddenToSend', description: words.tooMuch });
    if (error.code === 'invalid') throw new SetFailure({ type: 'invalidEmail', description: words.brokenHeader });
    throw error;
  }
}

const headroomBytes = 1024;

async function* contentOf({ first, rest }: MessageOctets): AsyncIterable<Uint8Array> {
  yield first;
  yield* rest();
}
