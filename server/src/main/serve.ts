/**
 * The main process of a service: owns the data folder, the store and the metrics listener, and no session. It starts the
 * workers, says `vaguemestre ready` when every listener is up, and stops all of it in order: sessions, then the store, then
 * the lock. When it dies, the workers end by themselves.
 */
import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AggregatorRegistry, Registry } from 'prom-client';
import { type Demo, demoText, fillDemo } from '../admin/demo/fill-demo.js';
import type { Config } from '../config/config.js';
import { showListenAddress } from '../config/listen-address.js';
import { ConfigError } from '../config/load-config.js';
import { lockOwner } from '../database/data-folder.js';
import { systemClock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import { Lifetime } from '../kernel/lifetime.js';
import { createLog, type Log } from '../kernel/log.js';
import { ensureLmtpSecret } from '../lmtp/secret.js';
import { ensureSelfSigned } from '../net/self-signed.js';
import { createTlsContext } from '../net/tls-context.js';
import { createMetrics } from '../observe/metrics.js';
import { serveMetrics } from '../observe/metrics-server.js';
import { watchOutbox } from '../observe/watch-outbox.js';
import type { Outbox } from '../outbox/outbox.js';
import { addressTable, readyLine } from './announce.js';
import { openListeners, unbuiltListeners } from './built-listeners.js';
import { type FirstAdministrator, firstRunText, makeFirstAdministrator } from './first-run.js';
import { keepHouse } from './housekeeping.js';
import type { BoundListener, WorkerOrder } from './messages.js';
import { openMail } from './open-mail.js';
import { type OpenStore, openStore } from './open-store.js';
import { checkListeners, listenerProblem, listenReason } from './preflight.js';
import { readVersion } from './version.js';
import { ListenerRefused, startWorkers, type WorkerPool } from './worker-pool.js';

const launcher = fileURLToPath(new URL('../../bin/vaguemestre.mjs', import.meta.url));
/** Cores beyond four bring little on one machine: the store's thread is then the limit. */
const mostWorkersByDefault = 4;

export interface ServeOptions {
  /** The embedded store takes fail points. */
  readonly testCommands: boolean;
  /** Begin with a demonstration laboratory. */
  readonly demo: boolean;
}

/** Serves until it is told to stop. Rejects with ConfigError or MailError when it cannot start. */
export async function serve(config: Config, options: ServeOptions): Promise<void> {
  const log = createLog(config.values['log-level'], 'main');
  const folder = resolve(config.values.data);
  const listeners = openListeners(config);
  const stopped = stopSignal();
  await refuseIfServed(folder);
  await checkCertificate(config);
  await checkListeners(config, listeners);
  noteUnbuilt(config, log);

  const lifetime = new Lifetime(log);
  const workers = new Lifetime(log);
  const givenUp = new AbortController();
  const opening = openHouse(config, folder, lifetime, options, log, givenUp.signal);
  try {
    // Workers load their modules while the store is being opened.
    const pool = startWorkers({
      count: config.values.workers ?? Math.min(availableParallelism(), mostWorkersByDefault),
      launcher,
      maxConnectionsPerAccount: config.values['max-connections-per-account'],
      order: opening.then((house) => house.order),
      lifetime: workers,
      log,
    });
    workers.onClose(() => pool.stop(config.values['stop-grace']));
    const up = announceWhenUp(config, opening, pool, lifetime, log);
    up.catch(() => undefined); // heard below, unless the service is told to stop first
    const house = await Promise.race([up, stopped]);
    if (house !== undefined) await Promise.race([stopped, house.store.lost]);
    log.info('stopping');
  } finally {
    givenUp.abort();
    // Sessions first, while the store still answers them.
    await workers.close();
    await opening.then((house) => house.furnished).catch(() => undefined);
    await lifetime.close();
  }
}

/** Says where the service listens, and that it is ready, once every listener is open. */
async function announceWhenUp(
  config: Config,
  opening: Promise<House>,
  pool: WorkerPool,
  lifetime: Lifetime,
  log: Log,
): Promise<House> {
  const house = await opening;
  const { demo, administrator, outbox } = await house.furnished;
  const addresses = await pool.ready.catch((error: unknown) => {
    if (!(error instanceof ListenerRefused)) throw error;
    throw new ConfigError([listenerProblem(config, error.refusal.listener, error.refusal.reason)]);
  });
  const metrics = await openMetrics(config, log, lifetime, outbox);
  reloadCertificates(house.order, () => pool.reload(), lifetime);
  process.stdout.write(addressTable([...addresses, ...metrics]));
  if (demo) process.stdout.write(demoText(demo));
  if (administrator) process.stdout.write(firstRunText(administrator));
  process.stdout.write(readyLine);
  return house;
}

interface House {
  readonly store: OpenStore;
  readonly order: WorkerOrder;
  readonly furnished: Promise<Furniture>;
}

interface Furniture {
  readonly demo: Demo | undefined;
  readonly administrator: FirstAdministrator | undefined;
  readonly outbox: Outbox;
}

/**
 * The folder, the store, the certificate: what must stand before a worker can serve. The first people are made while the
 * workers open their listeners.
 */
async function openHouse(
  config: Config,
  folder: string,
  lifetime: Lifetime,
  options: ServeOptions,
  log: Log,
  signal: AbortSignal,
): Promise<House> {
  const { values } = config;
  const store = await openStore({
    config,
    folder,
    holder: 'service',
    onWait: (owner) =>
      process.stderr.write(`vaguemestre: waiting for the command "${owner.holder}" (process ${owner.pid})\n`),
    testCommands: options.testCommands,
    log,
    signal,
  });
  lifetime.onClose(() => store.close());
  const [tls] = await Promise.all([tlsFiles(config, folder), ensureLmtpSecret(folder)]);
  const order: WorkerOrder = {
    settings: values,
    folder,
    storeUri: store.uri,
    ...(store.folder === undefined ? {} : { storeFolder: store.folder }),
    tls,
    hostname: values.hostname ?? hostname(),
    listeners: openListeners(config).filter((name) => name !== 'metrics'),
    version: readVersion(),
  };
  const furnished = furnish(config, folder, store.uri, lifetime.child(), options, log);
  furnished.catch(() => undefined); // heard by whoever announces the service
  return { store, order, furnished };
}

/** The first people of an empty store, and the chores that one process does for all. */
async function furnish(
  { values }: Config,
  folder: string,
  uri: string,
  lifetime: Lifetime,
  options: ServeOptions,
  log: Log,
): Promise<Furniture> {
  const mail = await openMail({ uri, settings: values, name: 'main', lifetime, log });
  const demo = options.demo
    ? await fillDemo({ ...mail, folder, domain: values.domain, onProgress: sayFilling })
    : undefined;
  const administrator = await makeFirstAdministrator(mail.people, values.domain);
  keepHouse(
    [
      { name: 'forget old logins', everyMs: 15 * 60_000, run: () => mail.auth.prune() },
      { name: 'forget old web sessions', everyMs: 60 * 60_000, run: () => mail.webSessions.prune() },
      { name: 'collect', everyMs: 60 * 60_000, run: (signal) => mail.mailstore.collect(signal) },
      { name: 'collect the outbox', everyMs: 60 * 60_000, run: (signal) => mail.outbox.collect(signal) },
    ],
    lifetime,
    log,
  );
  return { demo, administrator, outbox: mail.outbox };
}

function sayFilling(messages: number, total: number): void {
  if (messages === total) process.stderr.write(`vaguemestre: wrote ${total} messages for the demonstration\n`);
}

/** Said before the ports are tried: that another service has the folder explains that they are in use. */
async function refuseIfServed(folder: string): Promise<void> {
  const owner = await lockOwner(folder);
  if (owner?.holder !== 'service') return;
  throw new MailError('inUse', `${folder} is in use by a service, process ${owner.pid}, since ${owner.started}`);
}

function noteUnbuilt(config: Config, log: Log): void {
  const unbuilt = unbuiltListeners(config);
  if (unbuilt.length > 0) log.info({ listeners: unbuilt }, 'these listeners are not built yet and stay closed');
}

/** SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolveStop) => {
    let asked = false;
    const onSignal = (): void => {
      if (asked) process.exit(1);
      asked = true;
      resolveStop();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** A certificate that is named is tried before anything is touched. */
async function checkCertificate(config: Config): Promise<void> {
  const files = namedCertificate(config);
  if (files === undefined) return;
  const ca = config.values['lmtp-client-ca'];
  try {
    await createTlsContext({ ...files, ...(ca === undefined ? {} : { clientCaFile: resolve(ca) }) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`tls-cert (from ${config.origins['tls-cert'].at}) cannot be used: ${why}`]);
  }
}

function namedCertificate(config: Config): { readonly certFile: string; readonly keyFile: string } | undefined {
  const { 'tls-cert': cert, 'tls-key': key } = config.values;
  return cert === undefined || key === undefined ? undefined : { certFile: resolve(cert), keyFile: resolve(key) };
}

/** The certificate that is named, or a self-signed one that is made once. */
async function tlsFiles(config: Config, folder: string): Promise<WorkerOrder['tls']> {
  const named = namedCertificate(config);
  if (named !== undefined) return { ...named, selfSigned: false };
  const name = config.values.hostname;
  return { ...(await ensureSelfSigned(folder, name === undefined ? [] : [name])), selfSigned: true };
}

function reloadCertificates(order: WorkerOrder, reload: () => void, lifetime: Lifetime): void {
  process.on('SIGHUP', reload);
  const files = [order.tls.certFile, order.tls.keyFile];
  // While a file is being replaced it may be gone for a moment: the next look finds the new one.
  const onStat: StatsListener = (now, before) => {
    if (now.mtimeMs !== 0 && before.mtimeMs !== 0 && now.mtimeMs !== before.mtimeMs) reload();
  };
  for (const file of files) watchFile(file, { interval: 5_000, persistent: false }, onStat);
  lifetime.onClose(() => {
    process.off('SIGHUP', reload);
    for (const file of files) unwatchFile(file, onStat);
  });
}

async function openMetrics(
  config: Config,
  log: Log,
  lifetime: Lifetime,
  outbox: Outbox,
): Promise<readonly BoundListener[]> {
  const address = config.listen.metrics;
  if (address === undefined || !config.values.parts.includes('web')) return [];
  const workers = new AggregatorRegistry();
  const own = new Registry();
  const refresh = watchOutbox(createMetrics(own, 'vaguemestre_main_'), outbox, systemClock);
  try {
    const server = await serveMetrics(
      address,
      async () => {
        await refresh();
        const text = `${await workers.clusterMetrics()}\n${await own.metrics()}`;
        return { contentType: workers.contentType, text };
      },
      log,
    );
    lifetime.onClose(() => server.close());
    return [{ name: 'metrics', address: showListenAddress(server.address) }];
  } catch (error) {
    throw new ConfigError([listenerProblem(config, 'metrics', listenReason(error))]);
  }
}
