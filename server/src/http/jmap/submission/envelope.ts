/**
 * The envelope of an EmailSubmission (RFC 8621 7): given by the client, with parameters of MAIL and RCPT that are checked as over SMTP,
 * or made of the header. Among the parameters are HOLDFOR and HOLDUNTIL (RFC 4865), which say when the message goes.
 *
 * What is wrong with it is a SetFailure of the type that RFC 8621 7.5 names.
 */
import { parseMailParameters, parseRcptParameters } from '../../../codec/smtp/parameters.js';
import { parsePath } from '../../../codec/smtp/path.js';
import { encodeXtext } from '../../../codec/smtp/xtext.js';
import type { EnvelopeDocument, ParameterDocument } from '../../../database/submissions.js';
import { maxDelayedSendSeconds, maxRecipients } from '../../../kernel/limits.js';
import type { Sender } from '../../../outbox/identities.js';
import type { MessageParties } from '../../../outbox/message-parties.js';
import type { NewRecipient } from '../../../outbox/submission.js';
import type { JsonObject } from '../method.js';
import { invalidProperties, SetFailure } from '../standard/set-failure.js';
import { isObject, utcDateMs } from '../values.js';
import type { SubmissionWords } from './submission-words.js';

export interface SendingEnvelope {
  readonly envelope: EnvelopeDocument;
  readonly recipients: readonly NewRecipient[];
  readonly notBeforeMs: number;
}

/** RFC 8621 7.5: from the header, without parameters. `identityEmail` when the header's sender is not the person's to use. */
export function derivedEnvelope(
  parties: MessageParties,
  sender: Sender,
  identityEmail: string,
  nowMs: number,
  words: SubmissionWords,
): SendingEnvelope {
  const [first] = parties.sender;
  const from = first !== undefined && sender.owns(first.address) ? first.address : identityEmail;
  const recipients = checkedRecipients(
    parties.to.map(({ address }) => ({ address })),
    words,
  );
  return { envelope: { from }, recipients, notBeforeMs: nowMs };
}

export function givenEnvelope(
  value: JsonObject,
  sender: Sender,
  nowMs: number,
  words: SubmissionWords,
): SendingEnvelope {
  const { mailFrom, rcptTo, ...unknown } = value;
  if (!isAddress(mailFrom) || !Array.isArray(rcptTo) || !rcptTo.every(isAddress) || Object.keys(unknown).length > 0) {
    throw invalidProperties(['envelope'], 'An envelope has mailFrom and rcptTo, each with email and parameters');
  }
  const from = mailFrom.email.trim();
  // A message that nobody can answer is the server's own to write.
  if (!sender.owns(from)) {
    throw new SetFailure({ type: 'forbiddenMailFrom', description: words.notYours(from.slice(0, 200)) });
  }
  const { HOLDFOR: holdFor, HOLDUNTIL: holdUntil, ...rest } = upperCased(mailFrom.parameters);
  const parsed = parseMailParameters(parameterText(rest));
  if ('code' in parsed) throw invalidParameter(String(parsed.text));
  const { envid, ret } = parsed;
  const recipients = rcptTo.map(({ email, parameters }): NewRecipient => {
    const own = parseRcptParameters(parameterText(upperCased(parameters)));
    if ('code' in own) throw invalidParameter(String(own.text));
    return {
      address: email.trim(),
      ...(parameters && { parameters }),
      ...(own.orcpt && { orcpt: `${own.orcpt.type};${own.orcpt.address}` }),
      ...(own.notify && { notify: own.notify }),
    };
  });
  return {
    envelope: {
      from,
      ...(mailFrom.parameters && { parameters: mailFrom.parameters }),
      ...(envid !== undefined && { envid }),
      ...(ret && { ret }),
    },
    recipients: checkedRecipients(recipients, words),
    notBeforeMs: releaseMs(holdFor, holdUntil, nowMs),
  };
}

/** Each once; RFC 5321 2.4: domains have no case, and no server here minds that of a local part. */
function checkedRecipients(recipients: readonly NewRecipient[], words: SubmissionWords): readonly NewRecipient[] {
  const unique = new Map(recipients.map((recipient) => [recipient.address.toLowerCase(), recipient]));
  if (unique.size === 0) throw new SetFailure({ type: 'noRecipients', description: words.noRecipients });
  if (unique.size > maxRecipients) {
    const description = words.tooManyRecipients(maxRecipients);
    throw new SetFailure({ type: 'tooManyRecipients', maxRecipients, description });
  }
  const wrong = [...unique.values()].map(({ address }) => address).filter((address) => !isMailbox(address));
  if (wrong.length > 0) {
    const description = words.invalidRecipients(wrong).slice(0, 300);
    throw new SetFailure({ type: 'invalidRecipients', invalidRecipients: wrong, description });
  }
  return [...unique.values()];
}

/** RFC 5321 4.1.2 Mailbox. */
function isMailbox(address: string): boolean {
  const text = `<${address}>`;
  const parsed = parsePath(text, 0);
  return (
    parsed !== undefined && parsed.end === text.length && parsed.path.address === address && parsed.path.domain !== ''
  );
}

/** RFC 4865 4.1 and 4.2. A time that has passed is now. */
function releaseMs(holdFor: string | null | undefined, holdUntil: string | null | undefined, nowMs: number): number {
  const latestMs = nowMs + maxDelayedSendSeconds * 1000;
  if (holdFor !== undefined && holdUntil !== undefined)
    throw invalidParameter('HOLDFOR and HOLDUNTIL exclude each other');
  if (holdFor !== undefined) {
    const seconds = holdFor !== null && /^\d{1,9}$/.test(holdFor) ? Number(holdFor) : Number.NaN;
    if (!(seconds * 1000 <= latestMs - nowMs)) {
      throw invalidParameter(`HOLDFOR takes a number of seconds, at most ${maxDelayedSendSeconds}`);
    }
    return nowMs + seconds * 1000;
  }
  if (holdUntil === undefined) return nowMs;
  const untilMs = utcDateMs(holdUntil) ?? Number.NaN;
  if (!(untilMs <= latestMs)) {
    throw invalidParameter(`HOLDUNTIL takes a date in UTC, at most ${maxDelayedSendSeconds} seconds ahead`);
  }
  return Math.max(nowMs, untilMs);
}

interface AddressObject {
  readonly email: string;
  readonly parameters?: ParameterDocument | null;
}

function isAddress(value: unknown): value is AddressObject {
  if (!isObject(value) || typeof value['email'] !== 'string') return false;
  const { email: _email, parameters = null, ...unknown } = value;
  if (Object.keys(unknown).length > 0) return false;
  if (parameters === null) return true;
  return isObject(parameters) && Object.values(parameters).every((one) => one === null || typeof one === 'string');
}

function upperCased(parameters: ParameterDocument | null | undefined): ParameterDocument {
  const names = new Map<string, string | null>();
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (names.has(name.toUpperCase())) throw invalidParameter(`${name.slice(0, 40)} is given twice`);
    names.set(name.toUpperCase(), value);
  }
  return Object.fromEntries(names);
}

/** As a client of SMTP would write them; RFC 8621 7: in JSON the values are without their xtext. */
function parameterText(parameters: ParameterDocument): string {
  return Object.entries(parameters)
    .map(([name, value]) => {
      if (value === null) return name;
      const octets = Buffer.from(value, 'utf8').toString('latin1');
      if (name === 'ENVID') return `${name}=${encodeXtext(octets)}`;
      if (name === 'ORCPT') {
        const semicolon = octets.indexOf(';') + 1;
        return `${name}=${octets.slice(0, semicolon)}${encodeXtext(octets.slice(semicolon))}`;
      }
      if (!/^[\x21-\x7e]*$/.test(value)) throw invalidParameter(`${name.slice(0, 40)} has a wrong value`);
      return `${name}=${value}`;
    })
    .join(' ');
}

function invalidParameter(description: string): SetFailure {
  return invalidProperties(['envelope'], description);
}
