/**
 * APPEND (RFC 9051 6.3.12; MULTIAPPEND RFC 3502; APPENDUID RFC 4315; TOOBIG RFC 7889; literal8 RFC 3516). Messages stream to the
 * store as they arrive; nothing is visible before the last of them is there, then all are in one commit. A message that will
 * not be taken is refused before its octets are sent, if the client waits; else they are read past.
 */
import type { AppendMessage, AppendStart } from '../../codec/imap/append.js';
import { appendUidCode } from '../../codec/imap/response.js';
import { ImapSyntaxError } from '../../codec/imap/syntax-error.js';
import { MailError } from '../../kernel/errors.js';
import { maxAppendMessages } from '../../kernel/limits.js';
import type { Account, AppendItem } from '../../mailstore/account.js';
import type { IncomingMessage } from '../../mailstore/content.js';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import type { AppendInputResult } from '../command-input.js';
import { findMailbox } from '../find-mailbox.js';
import { no, type Outcome, ok } from '../outcome.js';
import { inputMode, loginOf, type Session } from '../session.js';

export async function append(session: Session, start: AppendStart): Promise<Outcome> {
  const { input, services } = session;
  const mode = inputMode(session);
  const items: AppendItem[] = [];
  let target: MailboxInfo | undefined;
  let incoming: IncomingMessage | undefined;
  let next: AppendInputResult = { kind: 'appendNext', message: start.message };
  try {
    for (;;) {
      if (next.kind === 'end') throw new MailError('closed', 'Connection closed');
      if (next.kind === 'refused') {
        // The codec gives back what it was given, or its own finding.
        if (next.error instanceof TryCreate) return no('No such mailbox', 'TRYCREATE');
        throw next.error;
      }
      if (next.kind === 'appendEnd') break;
      const { message } = next;
      const refusal: Error | undefined = await refusalOf(session, start.mailbox, message, items.length);
      if (refusal !== undefined) {
        next = await input.refuse(message, refusal, mode);
        continue;
      }
      const { account } = loginOf(session);
      target ??= findMailbox(account, start.mailbox);
      incoming = account.receive({ maxBytes: services.maxMessageBytes });
      const failure = await stream(session, message, incoming);
      if (failure !== undefined) {
        incoming.abort();
        incoming = undefined;
        input.fail(failure);
      } else {
        items.push({
          message: await incoming.finish(),
          flags: message.flags,
          ...(message.date === undefined ? {} : { date: message.date }),
        });
        incoming = undefined;
      }
      next = await input.afterMessage(mode);
    }
    const { account } = loginOf(session);
    if (target === undefined) throw new Error('APPEND without a message');
    const result = await account.append(target.id, items);
    return ok('APPEND completed', appendUidCode(result.uidValidity, result.uids));
  } finally {
    incoming?.abort();
  }
}

/** The octets to the store. What the store says against them is given back after they were read to the end. */
async function stream(session: Session, message: AppendMessage, incoming: IncomingMessage): Promise<Error | undefined> {
  let failure: Error | undefined;
  const whole = await session.input.message(message, async (chunk) => {
    if (failure !== undefined) return;
    try {
      await incoming.write(chunk);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  });
  if (!whole) throw new MailError('closed', 'Connection closed');
  return failure;
}

class TryCreate extends Error {}

/** What is wrong before an octet of the message is read. */
async function refusalOf(
  session: Session,
  path: string,
  message: AppendMessage,
  already: number,
): Promise<Error | undefined> {
  try {
    const { account } = loginOf(session);
    const { maxMessageBytes } = session.services;
    // RFC 7889 5: TOOBIG.
    if (message.literal.size > maxMessageBytes) {
      return new MailError('tooBig', `A message has at most ${maxMessageBytes} octets`);
    }
    // RFC 9051 6.3.12: an empty message is no message.
    if (message.literal.size === 0) return new ImapSyntaxError('A message cannot be empty', { status: 'NO' });
    if (already >= maxAppendMessages)
      return new MailError('limit', `One APPEND has at most ${maxAppendMessages} messages`);
    if (findMailbox(account, path) === undefined) {
      await account.refresh(session.connection.signal);
      if (findMailbox(account, path) === undefined) return new TryCreate();
    }
    return overQuota(account, message.literal.size);
  } catch (error) {
    return error as Error;
  }
}

/** A first look, before the octets travel; the commit decides. */
function overQuota(account: Account, bytes: number): MailError | undefined {
  const { usedBytes, limitBytes } = account.quota();
  if (limitBytes === undefined || usedBytes + bytes <= limitBytes) return undefined;
  return new MailError('overQuota', 'The message does not fit into your quota');
}
