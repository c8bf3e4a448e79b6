/**
 * The main process of a service: owns the data folder, the store and the metrics listener, and no session. It starts the
 * workers, says `vaguemestre ready` when every listener is up, and stops all of it in order: sessions, then the store, then
 * the lock. When it dies, the workers end by themselves.
 */
import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/load-config.js';
import { lockOwner } from '../database/data-folder.js';
import { MailError } from '../kernel/errors.js';
import { Lifetime } from '../kernel/lifetime.js';
import { createLog, type Log } from '../kernel/log.js';
import { ensureLmtpSecret } from '../lmtp/secret.js';
import { ensureLegacyCertificate, ensureSelfSigned } from '../net/self-signed.js';
import { createTlsContext } from '../net/tls-context.js';
import { addressTable, readyLine } from './announce.js';
import { isLegacy, openListeners, relayRuns, unbuiltListeners } from './built-listeners.js';
import type { Furniture } from './furnish.js';
import type { WorkerOrder } from './messages.js';
import { type OpenStore, openStore } from './open-store.js';
import { checkListeners, listenerProblem } from './preflight.js';
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
  await checkArchiveKeys(config);
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
  const { greeting, outbox } = await house.furnished;
  const addresses = await pool.ready.catch((error: unknown) => {
    if (!(error instanceof ListenerRefused)) throw error;
    throw new ConfigError([listenerProblem(config, error.refusal.listener, error.refusal.reason)]);
  });
  const { openMainMetrics } = await import('./main-metrics.js');
  const metrics = await openMainMetrics(config, log, lifetime, outbox);
  reloadCertificates(house.order, () => pool.reload(), lifetime);
  process.stdout.write(addressTable([...addresses, ...metrics]));
  process.stdout.write(greeting + readyLine);
  return house;
}

interface House {
  readonly store: OpenStore;
  readonly order: WorkerOrder;
  readonly furnished: Promise<Furniture>;
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
  const listeners = openListeners(config).filter((name) => name !== 'metrics');
  const [tls, legacyTls] = await Promise.all([
    tlsFiles(config, folder),
    listeners.some(isLegacy) ? ensureLegacyCertificate(folder, namesOf(config)) : undefined,
    ensureLmtpSecret(folder),
  ]);
  const order: WorkerOrder = {
    settings: values,
    folder,
    storeUri: store.uri,
    ...(store.folder === undefined ? {} : { storeFolder: store.folder }),
    tls,
    ...(legacyTls && { legacyTls }),
    hostname: values.hostname ?? hostname(),
    listeners,
    version: readVersion(),
  };
  // Loaded only now: a worker needs the store's address, and all this is much code.
  const furnished = import('./furnish.js').then(({ furnish }) =>
    furnish({ config, folder, uri: store.uri, demo: options.demo, lifetime: lifetime.child(), log }),
  );
  furnished.catch(() => undefined); // heard by whoever announces the service
  return { store, order, furnished };
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
  if (config.values.parts.includes('relay') && !relayRuns(config.values)) {
    log.warn('the relay does not run: listen-lmtp is off, and relay-mailboxes does not say where mailboxes are');
  }
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

/** A key that is no key would be found out when the first account ends, months from now. */
async function checkArchiveKeys(config: Config): Promise<void> {
  const recipients = config.values['archive-recipients'];
  if (recipients.length === 0) return;
  const { checkRecipients } = await import('../admin/archive/age-file.js');
  try {
    checkRecipients(recipients);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      `archive-recipients (from ${config.origins['archive-recipients'].at}) cannot be used: ${why}`,
    ]);
  }
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
  return { ...(await ensureSelfSigned(folder, namesOf(config))), selfSigned: true };
}

const namesOf = ({ values }: Config): string[] => (values.hostname === undefined ? [] : [values.hostname]);

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
