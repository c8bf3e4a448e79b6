/**
 * Puts the domain of the mail service together for one process: connection, mailstore, people, authentication. A worker
 * serves from it, a command works on it, the main process keeps house with it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCommandClient, openCommittedReader, socketOf } from '@vaguemestre/embedded';
import { judgeEveryMs } from '../auth/admissions.js';
import { type AuthService, createAuthService } from '../auth/auth-service.js';
import { createHeldCredentials, type HeldCredentials } from '../auth/held-credentials.js';
import { createPasswordHasher } from '../auth/password-hash.js';
import { createPeople, type People } from '../auth/people.js';
import { personCacheMs } from '../auth/person-cache.js';
import { createPersonSettings, type PersonSettings } from '../auth/person-settings.js';
import { createSignInSteps, type SignInSteps } from '../auth/sign-in-steps.js';
import { createWebSessions, type WebSessions } from '../auth/web-sessions.js';
import { createWorkQueue, passwordWorkLimits } from '../auth/work-queue.js';
import { createZones } from '../auth/zones.js';
import type { SettingValues } from '../config/settings.js';
import { createBulletinsCollection } from '../database/bulletins.js';
import { checkReads } from '../database/check-reads.js';
import { mailCollections } from '../database/collections.js';
import { connect } from '../database/connection.js';
import { correspondents } from '../database/correspondents.js';
import { openMailDatabase } from '../database/database.js';
import { type EndedAccounts, endedAccounts } from '../database/ended-accounts.js';
import { identities } from '../database/identities.js';
import { createMaildropLeases, type MaildropLeases } from '../database/maildrop-leases.js';
import { createMaildropNotes, type MaildropNotesCollection } from '../database/maildrop-notes.js';
import { openPeopleDatabase } from '../database/people-database.js';
import { preferences } from '../database/preferences.js';
import { type PushSubscriptions, pushSubscriptions } from '../database/push-subscriptions.js';
import { relayPresence } from '../database/relay-presence.js';
import { submissions } from '../database/submissions.js';
import { trustedTime } from '../database/trusted-time.js';
import { systemClock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import { type StoreChecker, storeChecker } from '../mailstore/check/check-account.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import { openMailstore } from '../mailstore/open-mailstore.js';
import { type Bulletins, createBulletins } from '../outbox/bulletins.js';
import { type Correspondents, createCorrespondents } from '../outbox/correspondents.js';
import type { Deliver } from '../outbox/deliver.js';
import type { CountOutgoing } from '../outbox/dispatch.js';
import { createIdentities, type PersonIdentities } from '../outbox/identities.js';
import type { Outbox } from '../outbox/outbox.js';
import { deliverLetter } from './deliver-letter.js';
import { deliverLocally } from './deliver-locally.js';
import { openOutbox } from './open-outbox.js';

export interface OpenMail {
  readonly mailstore: Mailstore;
  /** Verifies what is stored. */
  readonly checker: StoreChecker;
  readonly people: People;
  readonly auth: AuthService;
  readonly outbox: Outbox;
  readonly identities: PersonIdentities;
  readonly correspondents: Correspondents;
  readonly personSettings: PersonSettings;
  readonly webSessions: WebSessions;
  readonly heldCredentials: HeldCredentials;
  readonly pushSubscriptions: PushSubscriptions;
  readonly maildropLeases: MaildropLeases;
  readonly maildropNotes: MaildropNotesCollection;
  readonly bulletins: Bulletins;
  readonly signInSteps: SignInSteps;
  readonly ended: EndedAccounts;
  /** By which things are deleted. MailError cannot when clocks disagree. */
  trustedNowMs(): Promise<number>;
  /** Rejects when the store does not answer. */
  ping(): Promise<void>;
}

export interface OpenMailOptions {
  readonly uri: string;
  readonly settings: SettingValues;
  /** Of the embedded store, if it is on this machine: contents are then read from its files. */
  readonly storeFolder?: string | undefined;
  /** As the store's own log shows it: `main`, `worker-1`, `mail import`. */
  readonly name: string;
  /** What is due in the outbox is sent from this process. */
  readonly sends?: {
    readonly hostname: string;
    readonly count: CountOutgoing;
    /** The relay, where it runs; else mail goes to people of the laboratory and the rest waits. */
    readonly deliver?: Deliver;
  };
  readonly lifetime: Lifetime;
  readonly log: Log;
}

/** MailError unavailable when the store cannot be reached. Everything opened is closed with the lifetime. */
export async function openMail(options: OpenMailOptions): Promise<OpenMail> {
  const { settings, lifetime, log } = options;
  const connection = await connect({ uri: options.uri, appName: `vaguemestre ${options.name}` });
  lifetime.onClose(() => connection.close());
  const peopleDatabase = await openPeopleDatabase(connection);
  const shortcuts =
    options.storeFolder === undefined ? {} : await openShortcuts(options.uri, options.storeFolder, lifetime);
  const database = await openMailDatabase(connection, shortcuts);
  const mailLifetime = lifetime.child();
  const mailstore = openMailstore({
    database,
    viewBudgetBytes: settings['view-budget'],
    lifetime: mailLifetime,
    log,
  });
  const zones = { laboratory: settings['zone-laboratory'], vpn: settings['zone-vpn'] };
  const policy = { pop3Clear: settings['pop3-clear'], internWebmail: settings['intern-webmail'] === 'on' };
  const auth = createAuthService({
    database: peopleDatabase,
    domain: settings.domain,
    zones,
    policy,
    clock: systemClock,
    lifetime: lifetime.child(),
    log,
  });
  const waiting = submissions(connection);
  const presented = identities(connection);
  const writtenTo = correspondents(connection);
  const told = pushSubscriptions(connection);
  const liked = preferences(connection);
  const ended = endedAccounts(connection);
  await Promise.all(
    [waiting, presented, writtenTo, liked, told, ended.audit].map((collection) => collection.ensureIndexes()),
  );
  const { sends } = options;
  const outbox = openOutbox({
    database,
    submissions: waiting,
    presence: relayPresence(connection),
    domain: settings.domain,
    clock: systemClock,
    lifetime: lifetime.child(),
    log,
    ...(sends && {
      sending: {
        ...sends,
        relay: sends.deliver !== undefined,
        deliver:
          sends.deliver ??
          deliverLocally({
            mailstore,
            directory: auth.directory,
            domain: settings.domain,
            hostname: sends.hostname,
            clock: systemClock,
          }),
      },
    }),
  });
  const personIdentities = createIdentities(presented, (account) => auth.senders.of(account));
  const written = createCorrespondents(writtenTo, systemClock);
  const personSettings = createPersonSettings(liked);
  const maildropLeases = createMaildropLeases(connection.db);
  const maildropNotes = createMaildropNotes(connection.db);
  const bulletins = createBulletins({
    collection: createBulletinsCollection(connection.db),
    notes: maildropNotes,
    deliver: deliverLetter(mailstore, settings.domain),
    domain: settings.domain,
    clock: systemClock,
    log,
  });
  const people = createPeople({
    database: peopleDatabase,
    mailboxes: {
      createAccount: (account, is) => mailstore.createAccount(account, is),
      async removeAccount(account) {
        const kept = [
          outbox,
          personIdentities,
          written,
          personSettings,
          maildropLeases,
          maildropNotes,
          told,
          ended.answered,
        ];
        for (const one of kept) await one.removeAccount(account);
        await mailstore.removeAccount(account);
      },
    },
    hasher: createPasswordHasher(createWorkQueue(passwordWorkLimits)),
    domain: settings.domain,
    clock: systemClock,
    letGo: () => sleep(personCacheMs + judgeEveryMs),
  });
  const webSessions = createWebSessions({
    database: peopleDatabase,
    zoneOf: createZones(zones),
    settings: policy,
    clock: systemClock,
    lifetime: lifetime.child(),
    log,
  });
  const collections = mailCollections(connection.db);
  const reads = checkReads(collections);
  return {
    mailstore,
    checker: storeChecker({ database, reads, clock: systemClock, log }),
    people,
    auth,
    outbox,
    identities: personIdentities,
    correspondents: written,
    personSettings,
    webSessions,
    heldCredentials: createHeldCredentials(peopleDatabase, policy, systemClock),
    pushSubscriptions: told,
    maildropLeases,
    maildropNotes,
    bulletins,
    signInSteps: createSignInSteps(peopleDatabase, systemClock),
    ended,
    trustedNowMs: () => trustedTime(database.upkeep, systemClock.nowMs()),
    ping: async () => {
      await connection.db.command({ ping: 1 });
    },
  };
}

/** What a process on the machine of the embedded store does without the driver (decisions 0007 and 0009). */
async function openShortcuts(uri: string, folder: string, lifetime: Lifetime) {
  const socketPath = socketOf(uri);
  const committed = await openCommittedReader(folder, socketPath);
  const direct = openCommandClient(socketPath);
  lifetime.onClose(() => committed.close());
  lifetime.onClose(async () => direct.close());
  return { committed, direct };
}
