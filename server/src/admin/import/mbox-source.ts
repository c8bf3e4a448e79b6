import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { flagsOfHeader, type MboxMarks, readMarks } from '../mail-files/mbox-form.js';
import { type MboxEvent, readMbox } from '../mail-files/mbox-reader.js';
import type { MailSource, SourceMailbox, SourceMessage, Unreadable } from './mail-source.js';

/** One mbox file: one mailbox. Messages are known again by their place, so an mbox that grew gives what is new. */
export function mboxSource(file: string): MailSource {
  return {
    name: file,
    mailboxes: async () => [await mboxMailbox(file, [])],
    close: async () => undefined,
  };
}

export async function mboxMailbox(file: string, path: readonly string[]): Promise<SourceMailbox> {
  const { size } = await stat(file);
  return { path, role: undefined, subscribed: undefined, size, messages: (taken, signal) => read(file, taken, signal) };
}

export async function isMbox(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(5), 0, 5, 0);
    return buffer.subarray(0, bytesRead).toString('latin1') === 'From ';
  } finally {
    await handle.close();
  }
}

async function* read(
  file: string,
  taken: ReadonlySet<string>,
  signal: AbortSignal,
): AsyncGenerator<SourceMessage | Unreadable> {
  const events = readMbox(createReadStream(file, { highWaterMark: 256 * 1024, signal }));
  try {
    let next = await events.next();
    while (next.done !== true) {
      const event = next.value;
      if (event.kind !== 'begin') {
        next = await events.next();
        continue;
      }
      const message = createMessage(event, events);
      await message.readHead();
      if (!taken.has(message.key)) yield message;
      await message.skipRest();
      next = await events.next();
    }
  } finally {
    await events.return(undefined);
  }
}

/** Enough to see the status lines, which programs write among the first fields or the last. */
const headBytes = 64 * 1024;

interface MboxMessage extends SourceMessage {
  readHead(): Promise<void>;
  skipRest(): Promise<void>;
}

function createMessage(begin: MboxEvent & { kind: 'begin' }, events: AsyncGenerator<MboxEvent>): MboxMessage {
  const head: Buffer[] = [];
  let flags: string[] = [];
  let date = dateOfSeparator(begin.separator);
  let marks: MboxMarks | undefined;
  let progress = begin.offset;
  let over = false;

  const nextData = async (): Promise<Buffer | undefined> => {
    if (over) return undefined;
    const { value, done } = await events.next();
    if (done === true || value.kind !== 'data') {
      over = true;
      if (value !== undefined && 'offset' in value) progress = value.offset;
      return undefined;
    }
    return value.octets;
  };

  return {
    kind: 'message',
    key: String(begin.offset),
    get flags() {
      return flags;
    },
    get date() {
      return date;
    },
    get progress() {
      return progress;
    },
    async readHead() {
      let size = 0;
      let last: Buffer | undefined;
      while (size < headBytes && !endsHeader(head)) {
        last = await nextData();
        if (last === undefined) break;
        head.push(Buffer.from(last));
        size += last.length;
      }
      const octets = Buffer.concat(head);
      const text = octets.toString('latin1');
      const end = /\r?\n\r?\n/.exec(text);
      flags = flagsOfHeader(end === null ? text : text.slice(0, end.index + 1));
      marks = readMarks(text.slice(0, Math.max(0, text.indexOf('\n'))));
      if (marks === undefined) {
        head.splice(0, head.length, octets);
        return;
      }
      date = marks.date;
      let at = 0;
      for (let i = 0; i < marks.lines; i++) at = octets.indexOf(0x0a, at) + 1;
      flags = flagsOfHeader(octets.subarray(0, at).toString('latin1'));
      head.splice(0, head.length, octets.subarray(at));
    },
    async *octets() {
      const restore = marks === undefined ? undefined : restorer(marks.open);
      for (const octets of head) yield restore === undefined ? octets : restore(octets);
      for (let octets = await nextData(); octets !== undefined; octets = await nextData()) {
        yield restore === undefined ? octets : restore(octets);
      }
    },
    async skipRest() {
      while ((await nextData()) !== undefined);
    },
  };
}

function endsHeader(head: readonly Buffer[]): boolean {
  const text = Buffer.concat(head).toString('latin1');
  return text.includes('\n\n') || text.includes('\n\r\n');
}

/** Gives back what our own export took: every LF was a CRLF, and the last one may not have been there at all. */
function restorer(open: boolean): (octets: Buffer) => Buffer {
  let owed = false;
  return (octets) => {
    const pieces: Buffer[] = [];
    let from = 0;
    for (let at = octets.indexOf(0x0a); at >= 0; at = octets.indexOf(0x0a, at + 1)) {
      if (owed) pieces.push(crlf);
      owed = false;
      if (at > from) pieces.push(octets.subarray(from, at));
      // Kept back until something follows it.
      if (open) owed = true;
      else pieces.push(crlf);
      from = at + 1;
    }
    if (from < octets.length) {
      if (owed) pieces.push(crlf);
      owed = false;
      pieces.push(octets.subarray(from));
    }
    return Buffer.concat(pieces);
  };
}

const crlf = Buffer.from('\r\n');

/** The date after the sender, in UTC if no zone is given. */
function dateOfSeparator(separator: string): number | undefined {
  const match =
    /([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\s+([A-Z]{3,4}))?(?:\s+([+-]\d{4}))?\s+(\d{4})/.exec(
      separator,
    );
  if (match === null) return undefined;
  const [, month, day, time, , zone, year] = match;
  const ms = Date.parse(`${day} ${month} ${year} ${time} ${zone ?? '+0000'}`);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
