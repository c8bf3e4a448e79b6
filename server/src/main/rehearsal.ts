/**
 * What a worker does before its first hour is busy: it plays the day's work through, by its own protocols, on a mailstore of
 * which nothing is kept. Code that runs for the first time is read, checked and interpreted, and costs several times as much
 * as it will a thousand messages later; whoever comes first need not pay for that.
 *
 * Touches nothing: no socket, no file but reads of the store's, no other's memory. It stops when it has had its time, and
 * when the worker ends. A failure is logged: whatever fails here would fail for people too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailDatabase } from '../database/database.js';
import type { RootDocument } from '../database/documents.js';
import { createImapServer } from '../imap/server.js';
import type { Clock } from '../kernel/clock.js';
import { type AccountId, newAccountId } from '../kernel/ids.js';
import { Lifetime } from '../kernel/lifetime.js';
import { silentLog } from '../kernel/log.js';
import { createLmtpServer } from '../lmtp/lmtp-server.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import { newRoot } from '../mailstore/new-account.js';
import { openMailstore } from '../mailstore/open-mailstore.js';
import { parseNetworks } from '../net/address.js';
import type { Connection } from '../net/connection.js';
import { SocketConnection } from '../net/socket-connection.js';
import { streamPair } from '../net/stream-pair.js';
import { rehearsalMessages } from './rehearsal-messages.js';
import { type Talk, talkOver } from './rehearsal-talk.js';

export interface RehearsalOptions {
  /** A database of which nothing is kept, of the account in `root`. */
  readonly database: (root: RootDocument) => MailDatabase;
  readonly clock: Clock;
  /** How long to go on, at most; and how often. */
  readonly atMostMs?: number;
  readonly rounds?: number;
}

const password = 'rehearsal';
const address = 'rehearsal@localhost';
/** Enough for the compiler to take what runs once a message for worth its while. */
const defaultRounds = 1_000;
const defaultAtMostMs = 30_000;
const restPerWork = 2;
const here = { address: '127.0.0.1', port: 0, unix: false, local: true } as const;

/** Resolves with the number of rounds played. */
export async function rehearse(options: RehearsalOptions, signal: AbortSignal): Promise<number> {
  const { clock, rounds = defaultRounds, atMostMs = defaultAtMostMs } = options;
  const account = newAccountId();
  const lifetime = new Lifetime(silentLog);
  const database = options.database(newRoot(account, 'fr', new Date(clock.nowMs())));
  // Nothing is folded: what a fold writes would not be found again.
  const mailstore = openMailstore({ database, lifetime, log: silentLog, clock, foldEntries: Number.MAX_SAFE_INTEGER });
  const stage = openStage(mailstore, account, clock);
  try {
    const began = clock.monotonicMs();
    let round = 0;
    for (; round < rounds && !signal.aborted; round++) {
      const from = clock.monotonicMs();
      if (from - began > atMostMs) break;
      await stage.play(round);
      // Two thirds of the time are for whoever is here already.
      await sleep(Math.max(1, restPerWork * (clock.monotonicMs() - from)));
    }
    return round;
  } finally {
    stage.close();
    await lifetime.close();
  }
}

interface Stage {
  play(round: number): Promise<void>;
  close(): void;
}

function openStage(mailstore: Mailstore, account: AccountId, clock: Clock): Stage {
  const maxMessageBytes = 1024 * 1024;
  const imap = createImapServer({
    mailstore,
    authenticator: {
      login: async () => ({
        account,
        address,
        name: 'Rehearsal',
        role: 'permanent',
        lang: 'fr',
        admin: false,
        eudora: false,
        takenMail: 'keep',
        quotaBytes: undefined,
      }),
    },
    clock,
    log: silentLog,
    startTlsAvailable: false,
    maxMessageBytes,
    places: { take: async () => () => undefined },
    admissions: { watch: () => () => undefined },
  });
  const nobody = parseNetworks([]);
  const lmtp = createLmtpServer({
    mailstore,
    directory: { resolve: async () => ({ account, address, detail: undefined, quotaBytes: undefined }) },
    hostname: 'localhost',
    secret: password,
    peers: nobody,
    trusted: nobody,
    maxMessageBytes,
    startTlsAvailable: false,
    clock,
    log: silentLog,
  });
  const client = connected((connection) => imap.handle(connection));
  const relay = connected((connection) => lmtp.handle(connection));
  const messages = rehearsalMessages();

  async function greet(): Promise<void> {
    await client.until('ready\r\n');
    await imapCommand(client, `LOGIN ${address} ${password}`);
    await imapCommand(client, 'SELECT INBOX');
    await relay.until('\r\n');
    await relay.ask('LHLO localhost\r\n', '250 ');
  }
  let greeted: Promise<void> | undefined;

  return {
    async play(round) {
      greeted ??= greet();
      await greeted;
      const message = messages[round % messages.length]!;
      const octets = message.toString('latin1');
      if (round % 3 < 2) {
        const waits = round % 2 === 0;
        await client.ask(
          `a APPEND INBOX (\\Seen) {${message.length}${waits ? '' : '+'}}\r\n`,
          waits ? '+ ' : undefined,
        );
        await client.ask(`${octets}\r\n`, 'a OK');
      }
      if (round % 3 > 0) {
        await relay.ask(`MAIL FROM:<a@localhost>\r\nRCPT TO:<${address}>\r\nDATA\r\n`, '354 ');
        await relay.ask(`${octets.replaceAll('\n.', '\n..')}.\r\n`, '250 2.');
      }
      if (round % 8 === 7) {
        await imapCommand(client, 'NOOP');
        await imapCommand(client, `STORE 1:${1 + (round >> 3)} ${round % 16 === 7 ? '+' : '-'}FLAGS (\\Flagged)`);
        await imapCommand(client, 'UID FETCH 1:* (FLAGS)');
        await imapCommand(client, 'STATUS INBOX (MESSAGES UNSEEN UIDNEXT)');
        await imapCommand(client, 'SELECT INBOX');
      }
    },
    close() {
      client.hangUp();
      relay.hangUp();
    },
  };
}

const imapCommand = (client: Talk, command: string): Promise<void> => client.ask(`a ${command}\r\n`, 'a OK');

function connected(serve: (connection: Connection) => Promise<void>): Talk {
  const { near, far } = streamPair();
  void serve(new SocketConnection(far, { peer: here, id: 'rehearsal', secure: undefined }));
  return talkOver(near);
}
