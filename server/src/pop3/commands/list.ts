/** STAT, LIST, UIDL (RFC 1939 5, 7) and LAST (RFC 1460): the maildrop as it was at the login, less what was deleted since. */
import type { Maildrop } from '../maildrop.js';
import { findMessage } from '../message-number.js';
import { type Outcome, ok, type Pop3Session } from '../session.js';

/** Characters that are gathered before they are written: then the client may have to read first. */
const chunkCharacters = 16 * 1024;

/** Eudora wants `+OK` and a number, and gives up at anything else. */
export const stat = (session: Pop3Session, { count, octets }: Maildrop): Outcome => ok(session, `${count} ${octets}`);

export const last = (session: Pop3Session, maildrop: Maildrop): Outcome => ok(session, String(maildrop.last));

export async function list(session: Pop3Session, maildrop: Maildrop, number: number | undefined): Promise<Outcome> {
  if (number === undefined) {
    return writeAll(session, maildrop, `${maildrop.count} messages (${maildrop.octets} octets)`, (n) =>
      String(maildrop.sizeOf(n)),
    );
  }
  const refused = findMessage(session, maildrop, number);
  return refused ?? ok(session, `${number} ${maildrop.sizeOf(number)}`);
}

export async function uidl(session: Pop3Session, maildrop: Maildrop, number: number | undefined): Promise<Outcome> {
  const refused = number === undefined ? undefined : findMessage(session, maildrop, number);
  if (refused !== undefined) return refused;
  const uidlOf = await maildrop.uidls();
  if (number !== undefined) return ok(session, `${number} ${uidlOf(number)}`);
  return writeAll(session, maildrop, `${maildrop.count} messages`, uidlOf);
}

async function writeAll(
  { connection }: Pop3Session,
  maildrop: Maildrop,
  heading: string,
  wordOf: (number: number) => string,
): Promise<Outcome> {
  let text = `+OK ${heading}\r\n`;
  for (let number = 1; number <= maildrop.numbers; number++) {
    if (maildrop.isDeleted(number)) continue;
    text += `${number} ${wordOf(number)}\r\n`;
    if (text.length < chunkCharacters) continue;
    connection.write(text);
    text = '';
    const wait = connection.drained();
    if (wait !== undefined) await wait;
  }
  connection.write(`${text}.\r\n`);
  return 'ok';
}
