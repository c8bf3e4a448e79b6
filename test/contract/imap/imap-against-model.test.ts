/**
 * The same random commands, sent by two clients to the server on the real store and to the server on the model of
 * test/harness: all replies must be the same, but for numbers that may differ (UIDVALIDITY, mod-sequences) and for the moment
 * at which one client is told of what the other did. VAGUEMESTRE_MODEL_STEPS makes it longer, VAGUEMESTRE_MODEL_SEED repeats it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ImapClient, Reply, Value } from '../../harness/imap-client.js';
import { accountOf, type ImapService, mail, startImapService } from '../../harness/imap-service.js';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';

const steps = Number(process.env['VAGUEMESTRE_MODEL_STEPS'] ?? 250);
const seed = Number(process.env['VAGUEMESTRE_MODEL_SEED'] ?? Date.now() % 1_000_000);

function createRandom(from: number): (below: number) => number {
  let state = from * 2_654_435_761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** What of a reply must be equal. The list of flags is told again at any time before a new keyword is used. */
function essence(line: string, reply: Reply): unknown {
  const show = (value: Value): unknown =>
    Buffer.isBuffer(value) ? value.toString('latin1') : Array.isArray(value) ? value.map(show) : value;
  const code = (text: string | undefined): string | undefined =>
    text?.replace(/^(COPYUID|APPENDUID|HIGHESTMODSEQ|UIDVALIDITY) \d+/, '$1');
  const again = !/^(SELECT|EXAMINE)/.test(line);
  return {
    status: reply.status,
    code: code(reply.code),
    untagged: reply.untagged
      .filter((each) => !(again && (each.name === 'FLAGS' || each.code?.startsWith('PERMANENTFLAGS'))))
      .map(({ name, number, code: said, values }) => ({ name, number, code: code(said), values: values.map(show) })),
  };
}

const mailboxes = ['INBOX', 'Trash', 'Sent', 'Work', 'Work/Sub'];
const flags = ['\\Seen', '\\Deleted', '\\Flagged', '\\Answered', 'k1', 'k2', '$Junk'];

function randomCommand(random: (below: number) => number): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const uid = random(2) === 0 ? 'UID ' : '';
  const set = (): string =>
    pick(['1', '1:*', '*', '2:3', '1,3', '5:*', `${1 + random(9)}`, `${1 + random(9)}:${1 + random(9)}`]);
  const flagList = (): string =>
    `(${[pick(flags), pick(flags)].filter((flag, i, all) => all.indexOf(flag) === i).join(' ')})`;
  switch (random(22)) {
    case 0:
    case 1:
      return `SELECT ${pick(mailboxes)}`;
    case 2:
      return `EXAMINE ${pick(mailboxes)}`;
    case 3:
    case 4:
      return `${uid}FETCH ${set()} (FLAGS RFC822.SIZE UID)`;
    case 5:
      return `${uid}FETCH ${set()} (UID ENVELOPE BODYSTRUCTURE)`;
    case 6:
      return `${uid}FETCH ${set()} (BODY[] FLAGS)`;
    case 7:
    case 8:
    case 9:
      return `${uid}STORE ${set()} ${pick(['+', '-', ''])}FLAGS${pick(['', '.SILENT'])} ${flagList()}`;
    case 10:
    case 11:
      // Few at a time: copies of copies would fill the mailboxes.
      return `${uid}COPY ${pick(['1', '*', '2:3', '1,3', '5'])} ${pick(mailboxes)}`;
    case 12:
      return `${uid}MOVE ${set()} ${pick(mailboxes)}`;
    case 13:
      return 'EXPUNGE';
    case 14:
      return `UID EXPUNGE ${set()}`;
    case 15:
      return 'NOOP';
    case 16:
      return `${uid}SEARCH ${pick(['UNSEEN', 'DELETED', 'KEYWORD k1', 'NOT FLAGGED', 'SUBJECT "m1"', `UID ${set()}`, 'ALL', 'OR SEEN ANSWERED'])}`;
    case 17:
      return `STATUS ${pick(mailboxes)} (MESSAGES UIDNEXT UNSEEN SIZE DELETED)`;
    case 18:
      return pick(['CLOSE', 'UNSELECT', 'LIST "" "*"', 'LIST "" "%" RETURN (STATUS (MESSAGES))', 'LSUB "" "*"']);
    case 19:
      return pick(['CREATE Work', 'CREATE Work/Sub', 'SUBSCRIBE Work', 'UNSUBSCRIBE Work']);
    default:
      return 'APPEND';
  }
}

describe('IMAP on the store and on the model', () => {
  let database: TestDatabase;
  let services: ImapService[];
  before(async () => {
    database = await startTestDatabase();
    const { mailstore } = await database.open();
    await mailstore.createAccount(accountOf('alice'), { lang: 'en' });
    services = [await startImapService({ mailstore }), await startImapService()];
    // The model begins with the same mailboxes.
    const made = await services[0]!.login();
    const listed = (await made.ok('LIST "" "*"')).untagged.map((each) => String(each.values[2]));
    const model = await services[1]!.login();
    for (const path of listed) {
      if (services[1]!.alice.mailboxes.some((each) => each.path === path)) continue;
      await model.ok(`CREATE "${path}" (USE (\\${path}))`);
      await model.ok(`SUBSCRIBE "${path}"`);
    }
    for (const client of [made, model]) await client.logout();
  });
  after(async () => {
    for (const service of services ?? []) await service.close();
    await database?.close();
  });

  for (const mode of ['rev1', 'rev2'] as const) {
    it(`answer ${steps} random commands alike (${mode}, seed ${seed})`, async () => {
      const random = createRandom(seed + (mode === 'rev1' ? 0 : 1));
      const sessions: ImapClient[][] = [];
      for (const service of services) sessions.push([await service.login(mode), await service.login(mode)]);
      const history: string[] = [];
      for (let step = 0; step < steps; step++) {
        const who = random(2);
        const line = randomCommand(random);
        history.push(`${who} ${line}`);
        const replies: Reply[] = [];
        for (const clients of sessions) {
          const client = clients[who]!;
          // What the other client did is told first, so that both servers tell it at the same moment.
          await client.command('NOOP');
          if (line === 'APPEND') {
            const to = mailboxes[step % mailboxes.length]!;
            const message = mail(`m${step}`, `body of ${step}\r\n`);
            replies.push(
              await client.command(
                `APPEND ${to} (\\Flagged) "17-Jul-1996 02:44:25 -0700" {${message.length}+}`,
                message,
              ),
            );
          } else replies.push(await client.command(line));
        }
        const [real, model] = replies.map((reply) => essence(line, reply));
        assert.deepEqual(real, model, `seed ${seed} step ${step}:\n${history.slice(-12).join('\n')}`);
      }
    });
  }
});
