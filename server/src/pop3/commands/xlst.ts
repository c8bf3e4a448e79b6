/**
 * XTND XLST (qpopper): one header field of every message, or of one. Thunderbird asks for Message-Id so where a server has no
 * UIDL. Answered from cards where they hold the field, else from the header of each message.
 */

import { toBinaryString, visitFields } from '../../codec/mime/header-fields.js';
import { canAnswerFromCard } from '../../codec/mime/listed-headers.js';
import type { Pop3Command } from '../../codec/pop3/command.js';
import type { Maildrop } from '../maildrop.js';
import { findMessage } from '../message-number.js';
import type { Outcome, Pop3Session } from '../session.js';
import { say } from '../words.js';

export async function xlst(
  session: Pop3Session,
  maildrop: Maildrop,
  { field, number }: Extract<Pop3Command, { kind: 'xlst' }>,
): Promise<Outcome> {
  const refused = number === undefined ? undefined : findMessage(session, maildrop, number);
  if (refused !== undefined) return refused;
  const { connection, lang } = session;
  const numbers: number[] = [];
  for (let n = 1; n <= maildrop.numbers; n++) {
    if ((number === undefined || n === number) && !maildrop.isDeleted(n)) numbers.push(n);
  }
  const name = field.toLowerCase();
  let text = `+OK ${say('headers', lang)}\r\n`;
  for await (const [n, header] of headersOf(maildrop, numbers, name)) {
    for (const value of valuesOf(header, name)) text += `${n} ${field}: ${value}\r\n`;
    if (text.length < 16 * 1024) continue;
    connection.write(text);
    text = '';
    await connection.drained();
  }
  connection.write(`${text}.\r\n`);
  return 'ok';
}

async function* headersOf(
  { account, view, indexOf }: Maildrop,
  numbers: readonly number[],
  name: string,
): AsyncGenerator<readonly [number, string]> {
  const indexes = Uint32Array.from(numbers, indexOf);
  if (canAnswerFromCard([name])) {
    for await (const cards of account.readCards(view, indexes, ['headers'])) {
      for (const { index, headers } of cards) yield [numbers[index]!, toBinaryString(headers)];
    }
    return;
  }
  for await (const { index, prefix, first } of account.readContents(view, indexes)) {
    yield [numbers[index]!, toBinaryString(prefix) + toBinaryString(first)];
  }
}

/** On one line each: a line of the answer is a message. */
function valuesOf(header: string, name: string): string[] {
  const values: string[] = [];
  visitFields(header, (found, _start, valueStart, end) => {
    if (found === name) values.push(onOneLine(header.slice(valueStart, end)));
  });
  return values;
}

function onOneLine(value: string): string {
  let line = '';
  for (const part of value.split('\n')) {
    const text = part.trim();
    if (text !== '') line += line === '' ? text : ` ${text}`;
  }
  // A lone CR would end the line for some programs.
  return line.replaceAll('\r', ' ');
}
