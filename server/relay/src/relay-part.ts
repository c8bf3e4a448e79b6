/**
 * The relay, put together for one process: its doors, spool, queue and deliverers. Any number of processes may run it on one store; none
 * is in charge. What this process accepted lies in its spool until the store has it; everything else is the store's.
 */
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { normaliseDomain } from '@vaguemestre/server/auth/address';
import { connect } from '@vaguemestre/server/database/connection';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import type { OpenRelayPart } from '@vaguemestre/server/main/relay-part';
import { parseNetworks } from '@vaguemestre/server/net/address';
import { createSmtpServer } from '@vaguemestre/server/smtp/smtp-server';
import { relayDeliveries } from './database/relay-deliveries.js';
import { relayMessages } from './database/relay-messages.js';
import { relayState } from './database/relay-state.js';
import { stsPolicyStore } from './database/sts-policy-store.js';
import { openMailboxes } from './delivery/mailbox-target.js';
import { deliverySettings, openDelivery } from './delivery/open-delivery.js';
import { createLocalRecipients } from './intake/local-recipient.js';
import { createMasquerade } from './intake/masquerade.js';
import { createRelayPolicy, type RelayPolicyParts } from './intake/relay-policy.js';
import { takeOutgoing } from './intake/take-outgoing.js';
import { notify } from './notices/notify.js';
import { startImporter } from './queue/importer.js';
import { gateOfLanes } from './queue/lane-gate.js';
import { retrySchedule } from './queue/retry-schedule.js';
import { type Runner, startRunner } from './queue/runner.js';
import { startUpkeep } from './queue/upkeep.js';
import { followMode } from './relay-mode.js';
import { openSpool } from './spool/spool.js';
import { spoolOwners } from './spool/spool-owner.js';
import { filterStage } from './stages/filter-stage.js';

/** A look at a folder and one question to the store. */
const takeOverMs = 2_000;

export const openRelayPart: OpenRelayPart = async (options) => {
  const { settings, hostname, directory, lifetime, log, count } = options;
  const clock = systemClock;
  // Every message that is looked at and every delivery listens to it: many at a time, none for long.
  setMaxListeners(0, lifetime.signal);
  const connection = await connect({ uri: options.uri, appName: 'vaguemestre relay' });
  lifetime.onClose(() => connection.close());
  const messages = relayMessages(connection);
  const deliveries = relayDeliveries(connection);
  await Promise.all([messages.ensureIndexes(), deliveries.ensureIndexes()]);

  const domain = normaliseDomain(settings.domain) ?? settings.domain;
  const mailboxes = openMailboxes(settings['relay-mailboxes'], { user: 'relay', password: options.lmtpSecret });
  const outgoing = await openDelivery({
    ...deliverySettings(settings, hostname),
    domain,
    mailboxes,
    policies: stsPolicyStore(connection),
    clock,
    log,
  });
  const { router, deliverer } = outgoing;
  const gate = gateOfLanes(outgoing.gate, clock);
  const recipients = createLocalRecipients(directory, domain, settings['relay-exposed-users']);
  const schedule = retrySchedule({ giveUpMs: settings['relay-give-up'], warnAfterMs: settings['relay-warn-after'] });
  lifetime.onClose(() => deliverer.close());

  let runner: Runner | undefined;
  const queued = (): void => runner?.wake();
  const queueParts = { messages, deliveries, nowMs: () => clock.nowMs() };
  const notifyParts = { ...queueParts, router, hostname, giveUpMs: schedule.giveUpMs, queued, log };

  const owners = spoolOwners(options.folder);
  const spool = await openSpool({
    folder: join(options.folder, 'relay', 'spool'),
    owner: owners.own,
    lives: owners.lives,
    limits: { maxBytes: settings['relay-spool-size'], maxMessages: settings['relay-spool-messages'] },
    log,
  });
  lifetime.onClose(() => spool.close());
  const importer = startImporter({ messages, deliveries, clock, queued, lifetime: lifetime.child(), log });
  /** What processes that are gone had accepted, and had in hand. */
  const takeOver = async (): Promise<void> => {
    for (const message of await spool.adopt()) importer.add(message);
    for (const owner of await deliveries.owners()) {
      if (!owners.lives(owner)) await deliveries.release(owner, new Date(clock.nowMs()));
    }
  };
  await takeOver();
  // Again and again: workers of a service that was killed may outlive it for a moment, and one of ours may die.
  lifetime.run('taking over from processes that ended', async (signal) => {
    for (;;) {
      await sleep(takeOverMs, undefined, { signal });
      await takeOver().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'what a process left could not be taken over, trying again');
      });
    }
  });

  const mode = await followMode(relayState(connection), settings['relay-mode'], { clock, lifetime, log });
  startUpkeep({ messages, deliveries, clock }, lifetime, log);
  const stages = [filterStage];
  const machines = settings['relay-machines'].length > 0 ? settings['relay-machines'] : settings['zone-laboratory'];
  // A server with a rule of its own, or a further domain of the laboratory, is no machine whose name is hidden.
  const ownDomains = new Set([
    ...settings['relay-transports'].map(({ pattern }) => pattern),
    ...settings['relay-domains'].map((one) => one.toLowerCase()),
  ]);
  const policyParts: RelayPolicyParts = {
    spool,
    stages,
    accepted: (message) => importer.add(message),
    hostname,
    domain,
    authservId: settings['authserv-id'],
    masquerade:
      settings['relay-masquerade'] === 'on'
        ? createMasquerade({
            domain,
            hides: (host) => !ownDomains.has(host) && (host.endsWith(`.${domain}`) || router.isLocal(`x@${host}`)),
            exposed: settings['relay-exposed-users'],
          })
        : undefined,
    mode,
    clock,
    log,
    signal: lifetime.signal,
    router,
    recipients,
    upstreams: parseNetworks(settings['relay-upstreams']),
    machines: parseNetworks(machines),
    fronts: parseNetworks(settings['relay-xclient']),
    heard: () => undefined,
  };
  const profile = {
    protocol: 'smtp',
    hostname,
    maxMessageBytes: settings['max-message'],
    startTls: options.startTlsAvailable,
    requireTls: true,
  } as const;
  const edge = createSmtpServer({
    profile,
    name: 'relay edge',
    policyFor: (one) => ({ policy: createRelayPolicy(policyParts, 'edge', one) }),
    log,
  });
  const internal = createSmtpServer({
    profile: { ...profile, unqualified: true },
    name: 'relay internal',
    policyFor: (one) => ({ policy: createRelayPolicy(policyParts, 'internal', one) }),
    log,
  });

  const running = lifetime.child();
  setMaxListeners(0, running.signal);

  return {
    handle: (entrance, one) => (entrance === 'edge' ? edge : internal).handle(one),
    get sessions() {
      return edge.sessions + internal.sessions;
    },
    deliver: takeOutgoing({ ...queueParts, router, recipients, stages, hostname, queued, log }),
    async start(lmtp) {
      mailboxes.listensAt(lmtp);
      runner = startRunner({
        messages,
        deliveries,
        deliverer,
        notify: (message, delivery) => notify(notifyParts, message, delivery),
        schedule,
        isOurs: (address) => router.isLocal(address),
        owner: owners.own,
        routeOf: (address) => router.routeOf(address),
        clock,
        log,
        count,
        gate,
        lifetime: running,
      });
    },
    close: async (graceMs) => {
      await Promise.all([edge.close(graceMs), internal.close(graceMs)]);
    },
  };
};
