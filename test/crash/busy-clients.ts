import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetched, type ImapClient } from '../harness/imap-client.js';
import type { Laboratory } from '../harness/laboratory.js';
import type { LmtpClient } from '../harness/lmtp-client.js';
import type { Chance } from '../harness/seeded-random.js';
import type { Copies, Ledger } from './ledger.js';

/** Clients that change mail as fast as they are answered, until the service dies under them. */
export interface BusyOptions {
  readonly laboratory: Laboratory;
  readonly person: string;
  readonly ledger: Ledger;
  readonly chance: Chance;
  /** Makes names of messages unique over all rounds. */
  readonly round: number;
}

const body = (name: string) =>
  Buffer.from(`From: a@b.example\r\nSubject: ${name}\r\n\r\n${'Bonjour. '.repeat(name.length * 20)}\r\n`);

/** Owns the mailboxes `a<n>` and `b<n>`: appends, flags, copies, moves and expunges in them. Ends when the connection does. */
export async function busyReader(options: BusyOptions, number: number): Promise<void> {
  const { ledger, chance, round } = options;
  const client = await options.laboratory.imap(options.person);
  const a = `a${number}`;
  const b = `b${number}`;
  for (const mailbox of [a, b]) await client.command(`CREATE ${mailbox}`);
  await client.ok(`SELECT ${a}`);
  const own = new Map<string, number>();
  for (const { message, uid, copies } of await listMailbox(client, a))
    if (copies === a || copies === `${a}!`) own.set(message, uid);
  for (let serial = 0; ; serial++) {
    const name = `r${round}c${number}s${serial}`;
    const choice = chance.below(10);
    const [message, uid] = chance.pick([...own, ['', 0] as const]);
    if (choice < 4 || message === '') {
      await ledger.doing(name, [a], async () => {
        const reply = await client.append(a, body(name));
        own.set(name, Number(/APPENDUID \d+ (\d+)/.exec(reply.code ?? '')![1]));
      });
      continue;
    }
    const before = ledger.copies(message);
    const without = (place: string): Copies => {
      const at = before.indexOf(place);
      return before.filter((_, i) => i !== at);
    };
    const here = before.includes(`${a}!`) ? `${a}!` : a;
    if (choice < 6) {
      const on = here === a;
      await ledger.doing(message, [...without(here), on ? `${a}!` : a], () =>
        client.ok(`UID STORE ${uid} ${on ? '+' : '-'}FLAGS (\\Flagged)`),
      );
    } else if (choice < 7) {
      await ledger.doing(message, [...before, here.replace(a, b)], () => client.ok(`UID COPY ${uid} ${b}`));
    } else if (choice < 9) {
      own.delete(message);
      await ledger.doing(message, [...without(here), here.replace(a, b)], () => client.ok(`UID MOVE ${uid} ${b}`));
    } else {
      own.delete(message);
      await client.ok(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`);
      await ledger.doing(message, without(here), () => client.ok(`UID EXPUNGE ${uid}`));
    }
  }
}

async function listMailbox(client: ImapClient, mailbox: string) {
  const reply = await client.ok('UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
  return [...fetched(reply.untagged).values()].map((item) => {
    const flagged = (item.get('FLAGS') as string[]).includes('\\Flagged');
    const header = (item.get('BODY[HEADER.FIELDS (SUBJECT)]') as Buffer).toString();
    return {
      message: /Subject: (.*)\r/.exec(header)![1]!,
      uid: Number(item.get('UID')),
      copies: flagged ? `${mailbox}!` : mailbox,
    };
  });
}

/** What a relay remembers of a delivery until it was answered. */
export interface Undelivered {
  readonly name: string;
  readonly envid: string;
}

async function trustedLmtp(laboratory: Laboratory): Promise<LmtpClient> {
  const lmtp = await laboratory.lmtp();
  await lmtp.lhlo();
  const secret = readFileSync(join(laboratory.service.folder, 'lmtp.secret'), 'utf8').trim();
  const credentials = Buffer.from(`\0relay\0${secret}`).toString('base64');
  assert.equal((await lmtp.command(`AUTH PLAIN ${credentials}`)).code, 235);
  return lmtp;
}

async function deliver(lmtp: LmtpClient, options: BusyOptions, { name, envid }: Undelivered): Promise<void> {
  await options.ledger.doing(name, ['INBOX'], async () => {
    const to = [options.laboratory.address(options.person)];
    const [reply] = await lmtp.deliver({ to, message: body(name), mailParameters: `ENVID=${envid}` });
    assert.equal(reply?.code, 250, reply?.lines.join(' '));
  });
}

/** Delivers to INBOX as the relay does: what was not answered stays in `waiting` and is handed over again. */
export async function busyRelay(options: BusyOptions, number: number, waiting: Undelivered[]): Promise<void> {
  const lmtp = await trustedLmtp(options.laboratory);
  for (const late of waiting.splice(0)) {
    waiting.push(late);
    await deliver(lmtp, options, late);
    waiting.splice(waiting.indexOf(late), 1);
  }
  for (let serial = 0; ; serial++) {
    const name = `r${options.round}l${number}s${serial}`;
    const one = { name, envid: `env-${name}` };
    waiting.push(one);
    await deliver(lmtp, options, one);
    waiting.splice(waiting.indexOf(one), 1);
  }
}

/** All copies of all messages of a person, and what every UID means. */
export async function inventory(laboratory: Laboratory, person: string) {
  const client = await laboratory.imap(person);
  const found = new Map<string, Copies>();
  const uids = new Map<string, string>();
  const list = await client.ok('LIST "" "*"');
  for (const { values } of list.untagged.filter((one) => one.name === 'LIST')) {
    const mailbox = String(values[2]);
    const reply = await client.ok(`EXAMINE "${mailbox}"`);
    const validity = reply.untagged.find((one) => one.code?.startsWith('UIDVALIDITY'))?.code;
    let last = 0;
    for (const { message, uid, copies } of await listMailbox(client, mailbox)) {
      assert.ok(uid > last, 'UIDs ascend');
      last = uid;
      found.set(message, [...(found.get(message) ?? []), copies]);
      uids.set(`${mailbox}/${validity}/${uid}`, message);
    }
  }
  await client.logout();
  return { found, uids };
}
