/**
 * What each error of the service is in SMTP (RFC 5321 4.2.3, RFC 3463). One row a code, in two forms, because an error says of
 * itself whether trying again may help: a sender that is told 4xx keeps the message, one that is told 5xx gives up.
 */
import { reply, type SmtpReply } from '../codec/smtp/reply.js';
import { type ErrorCode, MailError } from '../kernel/errors.js';

interface Row {
  readonly temporary: readonly [code: number, enhanced: string];
  readonly permanent: readonly [code: number, enhanced: string];
}

const row = (temporary: Row['temporary'], permanent: Row['permanent']): Row => ({ temporary, permanent });

export const errorReplies: Readonly<Record<ErrorCode, Row>> = {
  invalid: row([451, '4.5.0'], [501, '5.5.4']),
  nonexistent: row([450, '4.2.1'], [550, '5.1.1']),
  alreadyExists: row([451, '4.3.0'], [554, '5.3.0']),
  hasChildren: row([451, '4.3.0'], [554, '5.3.0']),
  cannot: row([451, '4.3.0'], [554, '5.3.3']),
  tooBig: row([452, '4.3.4'], [552, '5.3.4']),
  limit: row([452, '4.5.3'], [554, '5.5.3']),
  overQuota: row([452, '4.2.2'], [552, '5.2.2']),
  authenticationFailed: row([454, '4.7.0'], [535, '5.7.8']),
  authorizationFailed: row([454, '4.7.0'], [535, '5.7.1']),
  privacyRequired: row([454, '4.7.0'], [538, '5.7.11']),
  expired: row([454, '4.7.0'], [535, '5.7.1']),
  throttled: row([421, '4.7.0'], [554, '5.7.0']),
  inUse: row([450, '4.2.0'], [554, '5.2.0']),
  conflict: row([451, '4.3.0'], [554, '5.3.0']),
  unavailable: row([451, '4.3.0'], [554, '5.3.0']),
  unsupportedCharset: row([451, '4.6.0'], [554, '5.6.0']),
  unknownEncoding: row([451, '4.6.0'], [554, '5.6.0']),
  closed: row([421, '4.3.2'], [554, '5.3.2']),
  // A fault of ours is mended one day; the message is worth keeping until then.
  internal: row([451, '4.3.0'], [451, '4.3.0']),
};

export function replyOf(error: MailError): SmtpReply {
  const found = errorReplies[error.code];
  const [code, enhanced] = error.temporary ? found.temporary : found.permanent;
  return reply(code, enhanced, error.public);
}

/** A refusal that is a matter of SMTP itself: thrown by a policy that knows its reply. */
export class SmtpRefusal extends Error {
  override readonly name = 'SmtpRefusal';
  readonly reply: SmtpReply;

  constructor(answer: SmtpReply) {
    super(typeof answer.text === 'string' ? answer.text : answer.text.join(' '));
    this.reply = answer;
  }
}

/** Any error: what is not for the client goes to `report`, which gives back the id it was logged with. */
export function replyOfAny(error: unknown, report: (error: unknown) => string): SmtpReply {
  if (error instanceof MailError) return replyOf(error);
  if (error instanceof SmtpRefusal) return error.reply;
  return reply(451, '4.3.0', `Internal error, id ${report(error)}`);
}
