import type { Workplace } from '@vaguemestre/server/admin/command';
import { runCommandLine } from '@vaguemestre/server/admin/command-line';
import { recordIn } from '@vaguemestre/server/admin/record';
import type { Terminal } from '@vaguemestre/server/admin/terminal';
import { createAuthService } from '@vaguemestre/server/auth/auth-service';
import { createPasswordHasher } from '@vaguemestre/server/auth/password-hash';
import { createPeople } from '@vaguemestre/server/auth/people';
import { createWorkQueue, passwordWorkLimits } from '@vaguemestre/server/auth/work-queue';
import { loadConfig } from '@vaguemestre/server/config/load-config';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { archivesIn } from './archive-parts.js';
import type { CommandResult } from './command.js';
import { memoryEnded } from './ended-memory.js';
import { createMemoryMailstore, type MemoryMailstore } from './memory-mailstore.js';
import { type MemoryPeople, memoryPeople } from './people-memory.js';

/** The command line on a store in memory, in this process: a command takes a millisecond, so that every one can be tried. */
export interface CommandDesk {
  readonly mailstore: MemoryMailstore;
  readonly database: MemoryPeople;
  readonly factors: Workplace['factors'];
  /** How many times a store was opened. */
  readonly opened: () => number;
  run(args: string | readonly string[], options?: DeskOptions): Promise<CommandResult>;
}

export interface DeskOptions {
  readonly input?: string;
  /** What a person types when asked, in order; undefined: there is no terminal. */
  readonly answers?: readonly string[];
}

const nothing = Buffer.alloc(0);
const notHere = () => Promise.reject(new Error('a store in memory cannot be copied'));

export function createCommandDesk(folder: string): CommandDesk {
  const mailstore = createMemoryMailstore(() => ({ envelope: nothing, bodyStructure: nothing, headers: nothing }));
  const database = memoryPeople();
  const people = createPeople({
    database,
    mailboxes: mailstore,
    hasher: createPasswordHasher(createWorkQueue(passwordWorkLimits)),
    domain: 'labo.example',
    clock: systemClock,
  });
  const factors = createAuthService({
    database,
    domain: 'labo.example',
    zones: { laboratory: [], vpn: [] },
    policy: { pop3Clear: 'off', internWebmail: true },
    clock: systemClock,
    lifetime: new Lifetime(silentLog),
    log: silentLog,
  });
  const config = loadConfig({ flags: new Map([['data', folder]]), environment: {} });
  let opened = 0;
  const checker: Workplace['checker'] = {
    accounts: async () => [],
    check: () => Promise.reject(new Error('the store in memory has nothing to check')),
    repair: async () => ({ segmentsDropped: 0, messagesRecovered: 0 }),
  };
  const close = async (): Promise<void> => undefined;
  const outbox = { counts: async () => ({ waiting: 0, held: 0, scheduled: 0, oldest: undefined }) };
  const bulletins: Workplace['bulletins'] = {
    post: () => Promise.reject(new Error('the store in memory keeps no bulletins')),
    list: async () => [],
    remove: async () => false,
  };
  const ended = memoryEnded();
  const service = {
    product: 'Vaguemestre',
    version: '0.0.0',
    domain: 'labo.example',
    host: 'mail.labo.example',
    selfSigned: true,
    doors: [
      { name: 'imaps', port: 1993, security: 'tls' },
      { name: 'pop3s', port: 1995, security: 'tls' },
      { name: 'submissions', port: 1465, security: 'tls' },
      { name: 'https', port: 8443, security: 'tls' },
    ],
    inside: [],
  } as const;
  const workplace: Workplace = {
    people,
    factors,
    mailstore,
    checker,
    outbox,
    bulletins,
    ended,
    archiveParts: archivesIn(folder, { mailstore, people, archives: ended.archives, clock: systemClock }),
    relay: () => Promise.reject(new Error('there is no relay in memory')),
    record: recordIn(ended.audit, systemClock),
    service,
    serviceRuns: false,
    where: folder,
    close,
  };
  return {
    mailstore,
    database,
    factors,
    opened: () => opened,
    async run(args, options = {}) {
      let out = '';
      let err = '';
      const answers = [...(options.answers ?? [])];
      const terminal: Terminal = {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        interactive: options.answers !== undefined,
        columns: 100,
        async askSecret(question) {
          err += question;
          return answers.shift() ?? '';
        },
        async confirm(question) {
          err += question;
          return (answers.shift() ?? '') === 'y';
        },
        readLine: async () => Buffer.from((options.input ?? '').split(/\r?\n/, 1)[0] ?? ''),
      };
      const code = await runCommandLine({
        args: typeof args === 'string' ? args.split(' ').filter((word) => word !== '') : args,
        config,
        terminal,
        async open() {
          opened++;
          return workplace;
        },
        keeper: { backup: notHere, restore: notHere },
        outlook: notHere,
        signal: new AbortController().signal,
      });
      return { code, out, err };
    },
  };
}
