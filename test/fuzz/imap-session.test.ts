/**
 * A seeded fuzz of the running IMAP server in every state: commands that are nearly right, cut, doubled, with octets changed,
 * in one piece or in many. The server may answer anything that follows the grammar of responses, or hang up; it may not throw
 * anything it did not mean to, stop answering others, or grow. VAGUEMESTRE_FUZZ_ROUNDS makes it longer, VAGUEMESTRE_FUZZ_SEED
 * repeats a run.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { Log } from '@vaguemestre/server/kernel/log';
import { type ImapService, mail, startImapService } from '../harness/imap-service.js';

const rounds = Number(process.env['VAGUEMESTRE_FUZZ_ROUNDS'] ?? 60);
const seed = Number(process.env['VAGUEMESTRE_FUZZ_SEED'] ?? Date.now() % 1_000_000);

/** xorshift32: the same numbers for the same seed. */
function createRandom(from: number): (below: number) => number {
  let state = from * 2_654_435_761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const states: readonly (readonly [string, string])[] = [
  ['before login', ''],
  ['logged in', 's LOGIN alice secret\r\n'],
  ['rev2', 's LOGIN alice secret\r\ns ENABLE IMAP4rev2\r\n'],
  ['selected', 's LOGIN alice secret\r\ns SELECT INBOX\r\n'],
  ['read-only', 's LOGIN alice secret\r\ns EXAMINE INBOX\r\n'],
  ['in a literal', 's LOGIN alice secret\r\ns SELECT INBOX\r\nx LIST "" {3}\r\n'],
  ['in APPEND', 's LOGIN alice secret\r\ns SELECT INBOX\r\nx APPEND INBOX {10+}\r\n'],
  ['in AUTHENTICATE', 'x AUTHENTICATE PLAIN\r\n'],
  ['in IDLE', 's LOGIN alice secret\r\ns SELECT INBOX\r\nx IDLE\r\n'],
];

const seeds: readonly string[] = [
  'a CAPABILITY',
  'a NOOP',
  'a LOGIN alice secret',
  'a LOGIN {5+}\r\nalice {6+}\r\nsecret',
  'a AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==',
  'a ID ("name" "x" "version" NIL)',
  'a ENABLE CONDSTORE IMAP4rev2',
  'a NAMESPACE',
  'a SELECT INBOX (CONDSTORE)',
  'a EXAMINE "INBOX"',
  'a CREATE "R&AOk-union/x" (USE (\\Archive))',
  'a DELETE Junk',
  'a RENAME Sent Out/Sent',
  'a SUBSCRIBE Trash',
  'a UNSUBSCRIBE Trash',
  'a LIST (SUBSCRIBED RECURSIVEMATCH) "" ("*" "%/%") RETURN (CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN SIZE DELETED))',
  'a LIST "" ""',
  'a LSUB "" "%"',
  'a STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN SIZE DELETED HIGHESTMODSEQ APPENDLIMIT)',
  'a APPEND INBOX (\\Seen) " 1-Jan-2024 10:00:00 +0100" {12+}\r\nSubject: x\r\n',
  'a APPEND INBOX {5+}\r\na: b\n {5+}\r\nc: d\n',
  'a APPEND INBOX UTF8 (~{5+}\r\na: b\n)',
  'a FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY MODSEQ)',
  'a FETCH 1 (BODY[] BODY.PEEK[HEADER.FIELDS (From To)]<0.10> BODY[1.2.MIME] BINARY.PEEK[1] BINARY.SIZE[1])',
  'a UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 3)',
  'a FETCH $ FULL',
  'a STORE 1:3 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Deleted $Work)',
  'a UID STORE * FLAGS ()',
  'a COPY 1:2 Trash',
  'a UID MOVE 1 Trash',
  'a EXPUNGE',
  'a UID EXPUNGE 1:5',
  'a SEARCH RETURN (MIN MAX COUNT SAVE) OR (NOT SEEN) UID 1:* SUBJECT "m" SINCE 1-Feb-1994 LARGER 5',
  'a UID SEARCH CHARSET UTF-8 TEXT {3+}\r\nabc',
  'a GETQUOTAROOT INBOX',
  'a SETQUOTA "" (STORAGE 5)',
  'a IDLE\r\nDONE',
  'a CHECK',
  'a CLOSE',
  'a UNSELECT',
];

const splices = [
  '(',
  ')',
  '"',
  '{',
  '}',
  '\\',
  '*',
  '%',
  '[',
  ']',
  '<',
  '>',
  ' ',
  '  ',
  '\0',
  '\r',
  '\n',
  '\r\n',
  '{99999999999}',
  '{3+}\r\n',
  '~{0}',
  '999999999999999999999',
  '1:*',
  '()',
  '\xff\xfe',
  '$',
  'NIL',
  '=',
];

function mutate(command: string, random: (below: number) => number): string {
  let text = command;
  for (let i = random(4); i > 0; i--) {
    const at = random(text.length + 1);
    switch (random(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + 1 + random(4));
        break;
      case 1:
        text = text.slice(0, at) + splices[random(splices.length)] + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
        break;
      case 3:
        text = text.slice(0, at) + text.slice(random(text.length + 1));
        break;
      case 4:
        text = text.slice(0, at) + splices[random(splices.length)]!.repeat(1 + random(200)) + text.slice(at);
        break;
      default:
        text = text.slice(0, at);
    }
  }
  return text;
}

/** Sends, reads everything, resolves when the server has been quiet for a moment or has hung up. */
async function attack(port: number, octets: Buffer, chunk: number): Promise<void> {
  const socket: Socket = connect(port, '127.0.0.1');
  let quiet: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    const calm = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(resolve, 15);
    };
    socket.on('data', calm);
    socket.on('close', () => resolve());
    socket.on('error', () => resolve());
    socket.on('connect', () => {
      for (let at = 0; at < octets.length; at += chunk) socket.write(octets.subarray(at, at + chunk));
      calm();
    });
  });
  clearTimeout(quiet);
  socket.destroy();
}

describe('fuzz of the running IMAP server', () => {
  it(`survives ${rounds} rounds (seed ${seed})`, async () => {
    const faults: unknown[] = [];
    const log = {
      error: (...args: unknown[]) => faults.push(args),
      warn() {},
      info() {},
      debug() {},
      child: () => log,
    };
    const random = createRandom(seed);
    let service: ImapService | undefined;
    for (let round = 0; round < rounds; round++) {
      if (round % 30 === 0) {
        await service?.close();
        service = await startImapService({ log: log as unknown as Log });
        for (let i = 1; i <= 5; i++) service.deliver('INBOX', mail(`m${i}`));
      }
      const attacks = Array.from({ length: 10 }, () => {
        const [, start] = states[random(states.length)]!;
        let text = start;
        for (let i = 1 + random(6); i > 0; i--) text += `${mutate(seeds[random(seeds.length)]!, random)}\r\n`;
        return attack(service!.port, Buffer.from(text, 'latin1'), random(3) === 0 ? 1 + random(7) : 65_536);
      });
      await Promise.all(attacks);
      assert.deepEqual(faults, [], `seed ${seed}, round ${round}`);
    }
    const healthy = await service!.login();
    await healthy.ok('SELECT INBOX');
    await healthy.ok('NOOP');
    for (let i = 0; service!.server.sessions > 1 && i < 400; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(service!.server.sessions, 1, `seed ${seed}: sessions of clients that are gone`);
    await service!.close();
  });
});
