/** Commands of a mail transaction: MAIL, RCPT, DATA, BDAT, RSET (RFC 5321 3.3, RFC 3030, RFC 2033). */
import type { SmtpCommand } from '../codec/smtp/command.js';
import { needsSmtpUtf8 } from '../codec/smtp/command.js';
import { unknownParameter } from '../codec/smtp/parameters.js';
import { formatReply, reply, type SmtpReply } from '../codec/smtp/reply.js';
import { maxDiscardedBytes, maxRecipients, smtpDataTimeoutMs } from '../kernel/limits.js';
import { createIntake, type Intake, takeData, tooBig } from './intake.js';
import { abandon, clientOf, helloFirst, type Next, refuse, type SmtpSession } from './session.js';
import type { OpenTransaction } from './session-state.js';

export type TransactionCommand = Extract<SmtpCommand, { readonly kind: 'mail' | 'rcpt' | 'data' | 'bdat' | 'rset' }>;

type Command<K extends TransactionCommand['kind']> = Extract<TransactionCommand, { readonly kind: K }>;

export async function runTransactionCommand<R>(session: SmtpSession<R>, command: TransactionCommand): Promise<Next> {
  switch (command.kind) {
    case 'mail':
      return mail(session, command);
    case 'rcpt':
      return rcpt(session, command);
    case 'data':
      return data(session);
    case 'bdat':
      return bdat(session, command.sizeBytes, command.last);
    case 'rset':
      abandon(session);
      session.answer(reply(250, '2.0.0', 'OK'));
      return 'continue';
    default:
      return command satisfies never;
  }
}

async function mail<R>(session: SmtpSession<R>, command: Command<'mail'>): Promise<Next> {
  const { state, profile, policy } = session;
  if (state.kind === 'new') return refuse(session, helloFirst(session));
  if (state.kind !== 'ready') return refuse(session, reply(503, '5.5.1', 'A transaction is open already'));
  const { path: from, parameters } = command;
  // RFC 1870 6.1: what is declared too large needs not be sent.
  if (parameters.sizeBytes !== undefined && parameters.sizeBytes > profile.maxMessageBytes) {
    session.answer(tooBig(profile.maxMessageBytes));
    return 'continue';
  }
  const { hold } = parameters;
  if (hold !== undefined && profile.maxHoldSeconds === undefined) {
    return refuse(session, unknownParameter('seconds' in hold ? 'HOLDFOR' : 'HOLDUNTIL'));
  }
  if (parameters.requireTls && !(profile.requireTls === true && session.connection.secure)) {
    return refuse(session, unknownParameter('REQUIRETLS'));
  }
  const client = clientOf(session, state.helo, parameters.smtpUtf8);
  try {
    await policy.mail(client, from, parameters);
  } catch (error) {
    session.answer(session.replyOfError(error));
    return 'continue';
  }
  session.state = { kind: 'mail', helo: state.helo, client, from, parameters, recipients: [] };
  session.answer(reply(250, '2.1.0', 'OK'));
  return 'continue';
}

async function rcpt<R>(session: SmtpSession<R>, command: Command<'rcpt'>): Promise<Next> {
  const { state, policy } = session;
  if (state.kind !== 'mail') return refuse(session, noTransaction(session));
  if (command.path.utf8 && !state.parameters.smtpUtf8) return refuse(session, needsSmtpUtf8(553));
  // RFC 5321 4.5.3.1.10.
  if (state.recipients.length >= maxRecipients) {
    session.answer(reply(452, '4.5.3', 'Too many recipients'));
    return 'continue';
  }
  try {
    state.recipients.push(await policy.rcpt(command.path, command.parameters));
  } catch (error) {
    session.answer(session.replyOfError(error));
    return 'continue';
  }
  session.answer(reply(250, '2.1.5', 'OK'));
  return 'continue';
}

async function data<R>(session: SmtpSession<R>): Promise<Next> {
  const { state, connection } = session;
  if (state.kind !== 'mail') return refuse(session, noTransaction(session));
  // RFC 2033 4.2, RFC 5321 4.1.1.4: without a recipient DATA fails; a pipelining client has not sent the message yet.
  if (state.recipients.length === 0) return refuse(session, noRecipients);
  const intake = await beginIntake(session, state);
  if (intake === undefined) return 'continue';
  try {
    session.answer({ code: 354, text: 'Send the message, end it with a dot on a line of its own' });
    if (!(await takeData(connection, intake))) {
      if (intake.failure !== undefined) answerAll(session, new Array(replyCount(session, state)).fill(intake.failure));
      intake.abort();
      return 'close';
    }
  } catch (error) {
    intake.abort();
    throw error;
  }
  answerAll(session, await intake.finish(replyCount(session, state)));
  session.state = { kind: 'ready', helo: state.helo };
  return 'continue';
}

async function bdat<R>(session: SmtpSession<R>, sizeBytes: number, last: boolean): Promise<Next> {
  const { connection, profile } = session;
  if (sizeBytes > profile.maxMessageBytes + maxDiscardedBytes) {
    session.answer(tooBig(profile.maxMessageBytes));
    return 'close';
  }
  connection.setReadTimeout(smtpDataTimeoutMs);
  const open = session.state;
  if ((open.kind !== 'mail' && open.kind !== 'chunking') || open.recipients.length === 0) {
    // RFC 3030 2: the octets come whatever we answer, and must be read.
    if (!(await connection.readExactly(sizeBytes, discard))) return 'close';
    return refuse(session, open.kind === 'mail' ? noRecipients : noTransaction(session));
  }
  const intake = open.kind === 'chunking' ? open.intake : await beginIntake(session, open);
  if (intake === undefined) {
    // The reply of `beginIntake` is the answer to this chunk; the transaction is over.
    return (await connection.readExactly(sizeBytes, discard)) ? 'continue' : 'close';
  }
  session.state = { ...open, kind: 'chunking', intake };
  if (!(await connection.readExactly(sizeBytes, (chunk) => intake.write(chunk))) || intake.hopeless) return 'close';
  if (!last) {
    session.answer(intake.failure ?? reply(250, '2.0.0', `${sizeBytes} octets received`));
    return 'continue';
  }
  // From here on the intake is finished, not abandoned.
  session.state = { kind: 'ready', helo: open.helo };
  answerAll(session, await intake.finish(replyCount(session, open)));
  return 'continue';
}

/** Undefined: the sink could not be opened, which was answered, and the transaction is over. */
async function beginIntake<R>(session: SmtpSession<R>, open: OpenTransaction<R>): Promise<Intake | undefined> {
  const { client, from, parameters, recipients } = open;
  try {
    const sink = await session.policy.data({ client, from, parameters, recipients });
    return createIntake(sink, session.profile.maxMessageBytes, session.replyOfError);
  } catch (error) {
    session.state = { kind: 'ready', helo: open.helo };
    session.answer(session.replyOfError(error));
    return undefined;
  }
}

/** RFC 2033 4.2: one reply a recipient that was accepted; SMTP has one for all. */
function replyCount<R>(session: SmtpSession<R>, open: OpenTransaction<R>): number {
  return session.profile.protocol === 'lmtp' ? open.recipients.length : 1;
}

function answerAll<R>(session: SmtpSession<R>, answers: readonly SmtpReply[]): void {
  let text = '';
  for (const answer of answers) text += formatReply(answer);
  session.connection.write(text);
}

function noTransaction<R>(session: SmtpSession<R>): SmtpReply {
  if (session.state.kind === 'new') return helloFirst(session);
  return reply(503, '5.5.1', session.state.kind === 'chunking' ? 'BDAT has begun' : 'Say MAIL first');
}

const discard = (): void => {};
const noRecipients = reply(503, '5.5.1', 'No valid recipients');
