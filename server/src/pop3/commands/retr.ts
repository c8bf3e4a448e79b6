/**
 * RETR and TOP (RFC 1939 5, 7): octets go from the store's buffers to the socket as they come, dots stuffed in between, no faster
 * than the client reads. Once `+OK` is out an error can only be told by cutting the connection: half a message must not look whole.
 */
import type { Pop3Command } from '../../codec/pop3/command.js';
import { DotStuffing } from '../../codec/pop3/dot-stuffing.js';
import { MessageTop } from '../../codec/pop3/message-top.js';
import type { MessageOctets } from '../../mailstore/content.js';
import type { Connection } from '../../net/connection.js';
import type { Maildrop } from '../maildrop.js';
import { markSoon } from '../marking.js';
import { findMessage } from '../message-number.js';
import { type Outcome, type Pop3Session, refuseIn } from '../session.js';

export async function retr(session: Pop3Session, maildrop: Maildrop, number: number): Promise<Outcome> {
  const refused = findMessage(session, maildrop, number);
  if (refused !== undefined) return refused;
  const octets = await maildrop.read(number);
  if (octets === undefined) return refuseIn(session, 'gone');
  const { connection } = session;
  connection.write(`+OK ${octets.size} octets\r\n`);
  await whole(session, async () => {
    const stuffing = new DotStuffing();
    const write = (some: Uint8Array): void => connection.write(some);
    stuffing.push(octets.prefix, write);
    stuffing.push(octets.first, write);
    for await (const piece of octets.rest()) {
      await connection.drained();
      stuffing.push(piece, write);
    }
    stuffing.end(write);
  });
  maildrop.taken(number);
  markSoon(session);
  return 'ok';
}

export async function top(
  session: Pop3Session,
  maildrop: Maildrop,
  { number, lines }: Extract<Pop3Command, { kind: 'top' }>,
): Promise<Outcome> {
  const refused = findMessage(session, maildrop, number);
  if (refused !== undefined) return refused;
  const octets = await maildrop.read(number);
  if (octets === undefined) return refuseIn(session, 'gone');
  session.connection.write('+OK\r\n');
  await whole(session, () =>
    sendTop(session.connection, octets, new MessageTop(lines, statusField(session, maildrop, number))),
  );
  return 'ok';
}

/**
 * Programs of the nineties look for the first new message by this field, which servers then kept in the message. It is shown to
 * those who keep such a program, in TOP, where no size has to be right.
 */
function statusField({ state }: Pop3Session, maildrop: Maildrop, number: number): string | undefined {
  const old = state.kind === 'transaction' && state.principal.eudora;
  return old && maildrop.isTaken(number) ? 'Status: RO\r\n' : undefined;
}

async function sendTop(connection: Connection, octets: MessageOctets, top: MessageTop): Promise<void> {
  const stuffing = new DotStuffing();
  const write = (some: Uint8Array): void => connection.write(some);
  const stuff = (some: Uint8Array): void => stuffing.push(some, write);
  let more = top.push(octets.prefix, stuff) && top.push(octets.first, stuff);
  if (more) {
    for await (const piece of octets.rest()) {
      await connection.drained();
      more = top.push(piece, stuff);
      if (!more) break;
    }
    if (more) top.end(stuff);
  }
  stuffing.end(write);
}

async function whole({ connection }: Pop3Session, send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    connection.destroy('a message could not be sent to its end');
    throw error;
  }
}
