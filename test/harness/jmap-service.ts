/**
 * JMAP over a real socket on a store of its own: the web application as the service runs it, with people that a header names in
 * place of a sign-in, so that the tests are about JMAP. Other processes of the service are further stores on the same database.
 */
import { randomBytes } from 'node:crypto';
import { createAuthService } from '@vaguemestre/server/auth/auth-service';
import type { Principal, Role } from '@vaguemestre/server/auth/authenticator';
import { identities } from '@vaguemestre/server/database/identities';
import { type PushSubscriptions, pushSubscriptions } from '@vaguemestre/server/database/push-subscriptions';
import type { SignedIn } from '@vaguemestre/server/http/auth/signed-in';
import { createHttpApp } from '@vaguemestre/server/http/http-app';
import { type HttpListener, listenHttp } from '@vaguemestre/server/http/http-listener';
import { allMethods } from '@vaguemestre/server/http/jmap/all-methods';
import type { MethodTable } from '@vaguemestre/server/http/jmap/engine';
import { mailPushSource } from '@vaguemestre/server/http/jmap/push-source';
import { submissionPushSource } from '@vaguemestre/server/http/jmap/submission/submission-push';
import type { OutsideRules } from '@vaguemestre/server/http/outside/ask-outside';
import { type Clock, systemClock } from '@vaguemestre/server/kernel/clock';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { maxDelayedSendSeconds } from '@vaguemestre/server/kernel/limits';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { createCorrespondents } from '@vaguemestre/server/outbox/correspondents';
import { createIdentities } from '@vaguemestre/server/outbox/identities';
import { createPushSubscriptions } from '@vaguemestre/server/push/push-subscriptions';
import { type Posted, type PostPush, type Pusher, startPusher } from '@vaguemestre/server/push/pusher';
import {
  capability,
  type Invocation,
  type Response as JmapResponse,
  type Session,
} from '@vaguemestre/shared/jmap/core';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import { memoryCorrespondents } from './correspondents-memory.js';
import { type OpenOutbox, openTestOutbox } from './mail-outbox.js';
import { startTestDatabase, type TestDatabase, type TestStore } from './mail-store.js';
import { byHeader, webPeople } from './web-people.js';

export type Arguments = Readonly<Record<string, unknown>>;
/** Answers are looked at without ceremony. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes, asserted upon field by field
export type Answer = any;

export interface JmapPerson {
  readonly principal: Principal;
  readonly accountId: string;
  /** A handle as an IMAP session of the person has it. */
  readonly account: Account;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  session(): Promise<Session>;
  /** Answers the whole Response object. */
  request(methodCalls: readonly Invocation[], more?: Arguments): Promise<JmapResponse>;
  /** One call with the person's accountId; answers its arguments, also of an error. */
  call(method: string, args?: Arguments): Promise<Answer>;
  /** The error's type; fails if there is none. */
  errorOf(method: string, args?: Arguments): Promise<string>;
  /** Ends the web session. */
  signOut(): void;
}

export interface PersonOptions {
  readonly quotaBytes?: number;
  readonly lang?: 'fr' | 'en';
  readonly role?: Role;
  /** Beside the main one. */
  readonly aliases?: readonly string[];
  /** Where their browser is; on this machine by default. */
  readonly from?: string;
}

/** A request to the address of a push subscription, in place of one that goes outside. */
export interface Push {
  readonly url: string;
  readonly message: Answer;
  readonly urgent: boolean;
}

export interface PushDesk {
  readonly collection: PushSubscriptions;
  readonly posts: Push[];
  /** What becomes of a request. */
  answer: (push: Push) => Posted;
  /** Of another process. */
  start(lifetime: Lifetime): Pusher;
}

export interface JmapService {
  readonly origin: string;
  readonly push: PushDesk;
  readonly database: TestDatabase;
  readonly store: TestStore;
  readonly outbox: OpenOutbox;
  readonly methods: MethodTable;
  person(options?: PersonOptions): Promise<JmapPerson>;
  close(): Promise<void>;
}

const loopback = { address: '127.0.0.1', port: 0, unix: false, local: true };

const info: ServiceInfo = {
  product: 'Vaguemestre',
  version: '0.0.0',
  domain: 'labo.example',
  host: 'mail.labo.example',
  selfSigned: true,
  doors: [],
  inside: [],
};

export interface JmapServiceOptions {
  readonly maxUploadBytes?: number;
  readonly clock?: Clock;
  readonly foldEntries?: number;
  /** As in a worker of the service. */
  readonly committedReads?: boolean;
  /** How strangers' servers are reached, for what the service asks of them. */
  readonly outside?: OutsideRules;
}

export async function startJmapService(options: JmapServiceOptions = {}): Promise<JmapService> {
  const database = await startTestDatabase();
  const { clock = systemClock } = options;
  const store = await database.open({
    clock,
    committedReads: options.committedReads ?? false,
    ...(options.foldEntries !== undefined && { foldEntries: options.foldEntries }),
  });
  const visitors = webPeople({ clock });
  const everybody = visitors.database;
  const auth = createAuthService({
    database: everybody,
    domain: 'labo.example',
    zones: { laboratory: [], vpn: [] },
    policy: { pop3Clear: 'off', internWebmail: true },
    clock,
    lifetime: new Lifetime(silentLog),
    log: silentLog,
  });
  const outbox = openTestOutbox(store, auth.directory, clock);
  await outbox.collection.ensureIndexes();
  const signedIn = new Map<string, SignedIn>();
  const pushSources = [mailPushSource, submissionPushSource(outbox.outbox)];
  const pushLifetime = new Lifetime(silentLog);
  const push = pushDesk(pushSubscriptions(store.connection), (lifetime, collection, post) =>
    startPusher({
      collection,
      mailstore: store.mailstore,
      sources: pushSources,
      // A credential is a session here, and opens its door as long as that is not signed out.
      holder: async (_account, credential) => signedIn.get(credential.slice('web-'.length))?.principal,
      post,
      clock,
      lifetime,
      log: silentLog,
    }),
  );
  await push.collection.ensureIndexes();
  const accounts: Account[] = [];
  const methods = allMethods({
    identities: createIdentities(identities(store.connection), (account) => auth.senders.of(account)),
    senders: auth.senders,
    outbox: outbox.outbox,
    correspondents: createCorrespondents(memoryCorrespondents(), clock),
    pushSubscriptions: createPushSubscriptions(push.collection, push.start(pushLifetime), clock),
    heldCredentials: { nameOf: async (_principal, session) => session },
    maxMessageBytes: options.maxUploadBytes ?? 20_000_000,
    clock,
    log: silentLog,
  });
  const app = await createHttpApp({
    health: { check: async () => ({ status: 'ok' }) },
    info: () => info,
    webmailFolder: '/nonexistent',
    auth: { ...visitors.auth, moreWays: [byHeader((key) => signedIn.get(key))] },
    jmap: {
      mailstore: store.mailstore,
      methods,
      pushSources,
      maxUploadBytes: options.maxUploadBytes ?? 20_000_000,
      maxDelayedSendSeconds,
      log: silentLog,
    },
    ...(options.outside && { unsubscribe: { mailstore: store.mailstore, rules: options.outside, clock } }),
    log: silentLog,
  });
  const listener: HttpListener = await listenHttp(app, {
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    maxConnections: 1_000,
  });
  const { address } = listener;
  if (address.kind !== 'tcp') throw new Error('not a port');
  const origin = `http://127.0.0.1:${address.port}`;
  let people = 0;
  return {
    origin,
    push,
    database,
    store,
    methods,
    outbox,
    async person({ quotaBytes, lang = 'en', role = 'permanent', aliases = [], from } = {}) {
      const accountId = newAccountId();
      await store.mailstore.createAccount(accountId, { lang });
      const address = `person${++people}@labo.example`;
      const is = { address, name: `Person ${people}`, role, lang, admin: false };
      await everybody.accounts.insert({
        _id: accountId,
        ...is,
        addresses: [address, ...aliases],
        eudora: false,
        ...(quotaBytes !== undefined && { quota: quotaBytes }),
        allow: [],
        deny: [],
        disabled: false,
        created: new Date(clock.nowMs()),
      });
      const principal: Principal = { ...is, account: accountId, quotaBytes, eudora: false, takenMail: 'remove' };
      const peer = from === undefined ? loopback : { ...loopback, address: from, local: false };
      const ending = new AbortController();
      const key = randomBytes(8).toString('hex');
      signedIn.set(key, { principal, session: `web-${key}`, peer, signal: ending.signal });
      const account = await store.mailstore.openAccount(accountId, {
        by: `imap-${key}`,
        ...(quotaBytes === undefined ? {} : { quotaBytes }),
      });
      accounts.push(account);
      return openPerson(origin, key, principal, account, () => {
        signedIn.delete(key);
        ending.abort();
      });
    },
    async close() {
      await pushLifetime.close();
      for (const account of accounts) account.release();
      await app.close();
      await listener.close(0);
      await visitors.close();
      await database.close();
    },
  };
}

function openPerson(
  origin: string,
  key: string,
  principal: Principal,
  account: Account,
  signOut: () => void,
): JmapPerson {
  const accountId: string = principal.account;
  const person: JmapPerson = {
    principal,
    accountId,
    account,
    fetch: (path, init = {}) =>
      fetch(new URL(path, origin), { ...init, headers: { 'x-person': key, ...init.headers } }),
    session: async () => (await (await person.fetch('/jmap/session')).json()) as Session,
    async request(methodCalls, more = {}) {
      const reply = await person.fetch('/jmap/api', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ using: Object.values(capability), methodCalls, ...more }),
      });
      if (reply.status !== 200) throw new Error(`${reply.status} ${await reply.text()}`);
      return (await reply.json()) as JmapResponse;
    },
    async call(method, args = {}) {
      const { methodResponses } = await person.request([[method, { accountId, ...args }, '0']]);
      return methodResponses[0]?.[1];
    },
    async errorOf(method, args = {}) {
      const { methodResponses } = await person.request([[method, { accountId, ...args }, '0']]);
      const [name, error] = methodResponses[0]!;
      if (name !== 'error') throw new Error(`${method} is answered: ${JSON.stringify(error)}`);
      return String(error['type']);
    },
    signOut,
  };
  return person;
}

function pushDesk(
  collection: PushSubscriptions,
  start: (lifetime: Lifetime, collection: PushSubscriptions, post: PostPush) => Pusher,
): PushDesk {
  const posts: Push[] = [];
  const desk: PushDesk = {
    collection,
    posts,
    answer: () => ({ kind: 'taken' }),
    start: (lifetime) =>
      start(lifetime, collection, async ({ url }, message, urgent) => {
        const push = { url, message, urgent };
        posts.push(push);
        return desk.answer(push);
      }),
  };
  return desk;
}
