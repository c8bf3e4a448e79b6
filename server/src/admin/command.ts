import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import type { AuthService } from '../auth/auth-service.js';
import type { People, Person } from '../auth/people.js';
import type { Config } from '../config/config.js';
import type { EndedAccounts } from '../database/ended-accounts.js';
import type { StoreChecker } from '../mailstore/check/check-account.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { Bulletins } from '../outbox/bulletins.js';
import type { Outbox } from '../outbox/outbox.js';
import type { RelayDesk } from '../outbox/relay-desk.js';
import type { RelayOutlook } from '../outbox/relay-outlook.js';
import type { ArchiveParts } from './archive/archive-person.js';
import type { StoreKeeper } from './store-keeper.js';
import type { Terminal } from './terminal.js';

/**
 * What a command of the command line is: its words, what it takes, and what it does. `--help` and the parser both come
 * from this description, so they cannot differ.
 */
export interface Option {
  readonly type: 'string' | 'boolean';
  /** How the value is named in the help; strings only. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: true;
  readonly says: string;
}
export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O['type'] extends 'boolean'
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly string[]
    : string;
export type Values<O extends Options> = { readonly [K in keyof O]?: ValueOf<O[K]> };

/** What a command works on: the same data whether a service runs or not. Opened only by commands that need it. */
export interface Workplace {
  readonly people: People;
  readonly factors: Pick<AuthService, 'passkeys' | 'secondFactor'>;
  readonly mailstore: Mailstore;
  readonly checker: StoreChecker;
  readonly outbox: Pick<Outbox, 'counts'>;
  readonly bulletins: Pick<Bulletins, 'post' | 'list' | 'remove'>;
  /** Accounts that end, their archives, and the audit trail. */
  readonly ended: Pick<EndedAccounts, 'lives' | 'archives' | 'audit'>;
  readonly archiveParts: ArchiveParts;
  /** Writes into the audit trail what was done to somebody; never a password. */
  record(what: string, person: Pick<Person, '_id' | 'address'>, detail?: RecordedDetail): Promise<void>;
  /** The operator's side of the relay. */
  relay(): Promise<RelayDesk>;
  /** What the service of this configuration opens to people. */
  readonly service: ServiceInfo;
  /** True: a service owns the store and this process is its guest. */
  readonly serviceRuns: boolean;
  /** Where it is, for messages: the embedded store's folder or the address of a MongoDB without its password. */
  readonly where: string;
  close(): Promise<void>;
}

export type RecordedDetail = Readonly<Record<string, string | number>>;

export interface Invocation<O extends Options = Options> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
  /** `--json`, which every command takes. */
  readonly json: boolean;
  readonly config: Config;
  readonly terminal: Terminal;
  /** Opens the store; it is closed when the command ends. MailError unavailable or inUse. */
  open(): Promise<Workplace>;
  /** Copies of the whole store; it is not opened for them. */
  readonly keeper: StoreKeeper;
  /** What the relay knows without the store. */
  readonly outlook: () => Promise<RelayOutlook>;
  /** Aborted by SIGINT and SIGTERM: long commands stop at a whole step. */
  readonly signal: AbortSignal;
}

export interface Command<O extends Options = Options> {
  /** `user add`. */
  readonly name: string;
  /** Names of the positional arguments as the help shows them, `[X]` for one that may be left out. */
  readonly takes: readonly string[];
  readonly summary: string;
  /** Paragraphs for `--help`: all that is needed to use it. */
  readonly details?: string;
  readonly examples?: readonly string[];
  readonly options: O;
  /** Resolves with the exit code. */
  run(invocation: Invocation<O>): Promise<number>;
}

/** Keeps the types of the options for `run`, and forgets them for the list of commands. */
export function command<const O extends Options>(description: Command<O>): Command {
  return description as unknown as Command;
}
