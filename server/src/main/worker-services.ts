/** The services of one worker, and which of them serves which listener. */
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import type { ListenerName } from '../config/config.js';
import { createImapServer } from '../imap/server.js';
import { systemClock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import { pop3KeepAliveMs } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import { createLmtpServer } from '../lmtp/lmtp-server.js';
import { type ListenAddress, parseNetworks } from '../net/address.js';
import type { Connection } from '../net/connection.js';
import { listen } from '../net/listener.js';
import { createTlsContext } from '../net/tls-context.js';
import { countDeliveries, countLogins, countScram } from '../observe/counted.js';
import type { Metrics } from '../observe/metrics.js';
import { createSubmissionServer } from '../submission/submission-server.js';
import { builtListeners, isLegacy, relayRuns } from './built-listeners.js';
import type { WorkerOrder } from './messages.js';
import { openMail } from './open-mail.js';
import { createPop3 } from './pop3-service.js';
import { lmtpSecretOf, openRelay, pendingRelay } from './relay-service.js';
import type { WebService } from './web-service.js';
import type { WorkerPlaces } from './worker-places.js';

export interface OpenListener {
  readonly name: ListenerName;
  readonly address: ListenAddress;
  readonly connections: number;
  reload?(): Promise<void>;
  close(graceMs: number): Promise<void>;
}

export interface Services {
  /** How many there are, by protocol. */
  readonly sessions: Readonly<Record<string, () => number>>;
  open(name: ListenerName, address: ListenAddress): Promise<OpenListener>;
  /** All listeners are open: what goes on by itself begins. */
  opened(listeners: readonly OpenListener[]): Promise<void>;
  /** Reads the certificate again. */
  reload(): Promise<void>;
  /** Sessions end after the command under way, at the latest after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const fullTexts: Partial<Record<ListenerName, string>> = {
  imap: '* BYE Too many connections, try again later\r\n',
  submission: '421 4.3.2 Too many connections, try again later\r\n',
  pop3: '-ERR [SYS/TEMP] Too many connections, try again later\r\n',
  lmtp: '421 4.3.2 Too many connections, try again later\r\n',
  smtp: '421 4.3.2 Too many connections, try again later\r\n',
  internal: '421 4.3.2 Too many connections, try again later\r\n',
};

export async function createServices(
  order: WorkerOrder,
  info: () => ServiceInfo,
  metrics: Metrics,
  places: WorkerPlaces,
  lifetime: Lifetime,
  log: Log,
): Promise<Services> {
  const { settings } = order;
  const relay = relayRuns(settings) ? pendingRelay() : undefined;
  const clientCa = settings['lmtp-client-ca'];
  const mail = await openMail({
    uri: order.storeUri,
    storeFolder: order.storeFolder,
    settings,
    name: 'worker',
    sends: {
      hostname: order.hostname,
      ...(relay && { deliver: relay.deliver }),
      count: (outcome) =>
        metrics.count('outgoing_total', 'Recipients of outgoing mail and notices by outcome', { outcome }),
    },
    lifetime,
    log,
  });
  const tls = await createTlsContext(order.tls);
  const proxies = parseNetworks(settings['proxy-from']);
  const authenticator = countLogins(mail.auth.authenticator, metrics);
  const scram = settings.scram === 'on' ? countScram(mail.auth.scram, metrics) : undefined;
  const imap = createImapServer({
    mailstore: mail.mailstore,
    authenticator,
    scram,
    clock: systemClock,
    log,
    startTlsAvailable: true,
    maxMessageBytes: settings['max-message'],
    places: places.of('imap'),
    admissions: mail.auth.admissions,
  });
  const pop3 = createPop3({ order, mail, authenticator, scram, places, lifetime, log });
  const submission = createSubmissionServer({
    authenticator,
    scram,
    senders: mail.auth.senders,
    admissions: mail.auth.admissions,
    directory: mail.auth.directory,
    places: places.of('submission'),
    outbox: mail.outbox,
    correspondents: mail.correspondents,
    hostname: order.hostname,
    domain: settings.domain,
    maxMessageBytes: settings['max-message'],
    startTlsAvailable: true,
    clock: systemClock,
    log,
  });
  const lmtpSecret = await lmtpSecretOf(order);
  const lmtpTls = await createTlsContext(clientCa === undefined ? order.tls : { ...order.tls, clientCaFile: clientCa });
  const lmtp = createLmtpServer({
    mailstore: countDeliveries(mail.mailstore, metrics),
    directory: mail.auth.directory,
    hostname: order.hostname,
    secret: lmtpSecret,
    peers: parseNetworks(settings['lmtp-peers']),
    trusted: parseNetworks(settings['lmtp-trusted']),
    maxMessageBytes: settings['max-message'],
    startTlsAvailable: true,
    clock: systemClock,
    log,
  });
  const relayPart = relay && (await openRelay({ order, mail, lmtpSecret, metrics, lifetime, log }));
  if (relayPart !== undefined) relay?.opened(relayPart);
  const legacyTls = order.legacyTls && (await createTlsContext(order.legacyTls));
  // Read when its first listener opens, after those of mail: it is half of a worker's code, and nobody's mail waits for it.
  let web: Promise<WebService> | undefined;
  const webService = (): Promise<WebService> => {
    web ??= import('./web-service.js').then(({ createWebService }) =>
      createWebService({ order, mail, info, metrics, proxies, lifetime, log }),
    );
    return web;
  };

  /** Old TLS protects a password from those who merely listen, at best: it is not spoken outside, whoever comes. */
  const inLaboratory =
    (refusal: string, serve: (connection: Connection) => Promise<void>) =>
    async (connection: Connection): Promise<void> => {
      if (mail.auth.zoneOf(connection.peer) === 'laboratory') return serve(connection);
      log.warn({ audit: 'legacy', peer: connection.peer.address }, 'old TLS from outside the laboratory was refused');
      connection.write(`${refusal} This entrance is for the laboratory only; choose SSL/TLS on the usual port\r\n`);
      connection.end();
    };

  const sessionOf = (name: ListenerName): ((connection: Connection) => Promise<void>) => {
    if (name === 'imap' || name === 'imaps') return (connection) => imap.handle(connection);
    if (name === 'pop3' || name === 'pop3s') return (connection) => pop3.handle(connection);
    if (name === 'submission' || name === 'submissions') return (connection) => submission.handle(connection);
    if (name === 'pop3s-legacy') return inLaboratory('-ERR [SYS/PERM]', (connection) => pop3.handle(connection, true));
    if (name === 'submissions-legacy') {
      return inLaboratory('554 5.7.1', (connection) => submission.handle(connection, true));
    }
    if (name === 'lmtp') return (connection) => lmtp.handle(connection);
    if (name === 'smtp' && relayPart !== undefined) return (connection) => relayPart.handle('edge', connection);
    if (name === 'internal' && relayPart !== undefined) return (connection) => relayPart.handle('internal', connection);
    throw new Error(`no service for listener ${name}`);
  };

  return {
    sessions: {
      imap: () => imap.sessions,
      pop3: () => pop3.sessions,
      submission: () => submission.sessions,
      lmtp: () => lmtp.sessions,
      ...(relayPart && { relay: () => relayPart.sessions }),
    },
    async open(name, address) {
      if (name === 'http' || name === 'https') {
        const listener = await (await webService()).open(address, name === 'https');
        return Object.assign(listener, { name });
      }
      const fullText = fullTexts[name];
      return listen(
        {
          name,
          address,
          tls: name === 'lmtp' ? lmtpTls : isLegacy(name) && legacyTls !== undefined ? legacyTls : tls,
          implicitTls: builtListeners[name]?.security === 'tls',
          ...(proxies.size > 0 ? { proxies } : {}),
          ...(fullText === undefined ? {} : { fullText }),
          ...(name.startsWith('pop3') && { keepAliveMs: pop3KeepAliveMs }),
          log,
        },
        sessionOf(name),
      ).then((listener) => Object.assign(listener, { name }));
    },
    async opened(listeners) {
      await relayPart?.start(listeners.find(({ name }) => name === 'lmtp')?.address);
    },
    reload: async () => {
      await tls.reload();
      await lmtpTls.reload();
    },
    close: async (graceMs) => {
      await Promise.all([
        imap.close(graceMs),
        pop3.close(graceMs),
        submission.close(graceMs),
        lmtp.close(graceMs),
        relayPart?.close(graceMs),
        web?.then((service) => service.close()),
      ]);
    },
  };
}
