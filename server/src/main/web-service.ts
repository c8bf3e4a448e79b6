/** What a worker serves over HTTP: webmail, JMAP, sign-in. Loaded when its first listener opens. */
import { join } from 'node:path';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import { newObjectId } from '../database/contents.js';
import { basicWay } from '../http/auth/basic-way.js';
import { bearerWay } from '../http/auth/bearer-way.js';
import { createHttpApp } from '../http/http-app.js';
import { type HttpListener, listenHttp } from '../http/http-listener.js';
import { allMethods } from '../http/jmap/all-methods.js';
import { postPush } from '../http/jmap/push/post-push.js';
import { mailPushSource } from '../http/jmap/push-source.js';
import { submissionPushSource } from '../http/jmap/submission/submission-push.js';
import type { OutsideRules } from '../http/outside/ask-outside.js';
import { nameResolver } from '../http/outside/resolve-name.js';
import { systemClock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import { maxDelayedSendSeconds } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import { type ListenAddress, type Networks, ownAddresses, parseNetworks } from '../net/address.js';
import { isPublicAddress } from '../net/public-address.js';
import { countLogins, countTokens } from '../observe/counted.js';
import { createHealthCheck } from '../observe/health.js';
import type { Metrics } from '../observe/metrics.js';
import { createPushSubscriptions } from '../push/push-subscriptions.js';
import { startPusher } from '../push/pusher.js';
import type { WorkerOrder } from './messages.js';
import type { OpenMail } from './open-mail.js';
import { relayDesk } from './relay-service.js';

export interface WebService {
  open(address: ListenAddress, secure: boolean): Promise<HttpListener>;
  close(): Promise<void>;
}

export interface WebServiceOptions {
  readonly order: WorkerOrder;
  readonly mail: OpenMail;
  readonly info: () => ServiceInfo;
  readonly metrics: Metrics;
  readonly proxies: Networks;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

const webmailFolder = join(import.meta.dirname, '../../../webmail/dist');
const maxConnections = 10_000;

export async function createWebService(options: WebServiceOptions): Promise<WebService> {
  const { order, mail, info, metrics, proxies, lifetime, log } = options;
  const { settings } = order;
  const webAuthenticator = countLogins(mail.auth.authenticator, metrics);
  // Machines of the laboratory may trust this one; its own addresses are its own.
  const near = parseNetworks([...settings['zone-laboratory'], ...settings['zone-vpn'], ...ownAddresses()]);
  const outside: OutsideRules = {
    allowed: (address) => isPublicAddress(address) && !near.has(address),
    resolve: nameResolver(),
  };
  const pushSources = [mailPushSource, submissionPushSource(mail.outbox)];
  const pusher = startPusher({
    collection: mail.pushSubscriptions,
    mailstore: mail.mailstore,
    sources: pushSources,
    holder: (account, credential) => mail.heldCredentials.holder(account, credential),
    post: postPush(outside),
    clock: systemClock,
    lifetime: lifetime.child(),
    log,
  });
  const app = await createHttpApp({
    health: createHealthCheck(mail.ping, systemClock),
    info,
    webmailFolder,
    auth: {
      authenticator: webAuthenticator,
      moreWays: [
        basicWay(webAuthenticator, systemClock),
        bearerWay(countTokens(mail.auth.tokens, metrics), systemClock),
      ],
      sessions: mail.webSessions,
      appPasswords: mail.auth.appPasswords,
      secondFactor: mail.auth.secondFactor,
      passkeys: mail.auth.passkeys,
      publicHost: order.hostname,
      record: ({ account, ...act }) =>
        mail.ended.audit.add({ ...act, _id: newObjectId(), t: new Date(), a: account, by: 'webmail' }),
      steps: mail.signInSteps,
      setPassword: (address, password) => mail.people.setPassword(address, password),
      authservId: settings['authserv-id'],
      proxies,
    },
    media: { rules: outside },
    unsubscribe: { mailstore: mail.mailstore, rules: outside, clock: systemClock },
    jmap: {
      mailstore: mail.mailstore,
      methods: allMethods({
        outbox: mail.outbox,
        identities: mail.identities,
        senders: mail.auth.senders,
        correspondents: mail.correspondents,
        pushSubscriptions: createPushSubscriptions(mail.pushSubscriptions, pusher, systemClock),
        heldCredentials: mail.heldCredentials,
        maxMessageBytes: settings['max-message'],
        clock: systemClock,
        log,
      }),
      pushSources,
      maxUploadBytes: settings['max-message'],
      maxDelayedSendSeconds,
      log,
    },
    directory: {
      finder: mail.auth.finder,
      correspondents: mail.correspondents,
      domain: settings.domain,
      clock: systemClock,
    },
    settings: { personSettings: mail.personSettings },
    relay: { desk: relayDesk(order, lifetime), log },
    configure: { mayUse: mail.auth.mayUse },
    log,
  });
  return {
    open: (address, secure) => listenHttp(app, { address, maxConnections, ...(secure ? { tls: order.tls } : {}) }),
    close: () => app.close(),
  };
}
