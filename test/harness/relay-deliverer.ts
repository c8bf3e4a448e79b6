/** A deliverer as the relay has it, for hosts on this machine: short waits, loopback, no policy of anybody. */

import type { ClientTimeouts } from '@vaguemestre/relay/delivery/client-timeouts';
import type { Attempt, Deliverer } from '@vaguemestre/relay/delivery/deliverer';
import { createDeliverer, type DelivererParts } from '@vaguemestre/relay/delivery/host-deliverer';
import type { Dns } from '@vaguemestre/relay/dns/answer';
import type { Route } from '@vaguemestre/relay/routing/route';
import { silentLog } from '@vaguemestre/server/kernel/log';

/** Long enough for a loaded machine to answer, short enough to wait for. */
export const shortTimeouts: ClientTimeouts = {
  connectMs: 10_000,
  handshakeMs: 10_000,
  greetingMs: 10_000,
  commandMs: 10_000,
  mailMs: 10_000,
  rcptMs: 10_000,
  dataMs: 10_000,
  finalMs: 10_000,
};

/** Answers SERVFAIL to everything: what a test without names has. */
export const noDns: Dns = {
  mx: () => Promise.resolve({ kind: 'failed', why: 'servfail' }),
  addresses: () => Promise.resolve({ kind: 'failed', why: 'servfail' }),
  txt: () => Promise.resolve({ kind: 'failed', why: 'servfail' }),
  nameServers: () => Promise.resolve({ kind: 'failed', why: 'servfail' }),
};

export function testDeliverer(parts: Partial<DelivererParts> & { readonly dns?: Dns } = {}): Deliverer {
  const { dns = noDns, ...others } = parts;
  return createDeliverer({
    hostname: 'relay.labo.example',
    timeouts: shortTimeouts,
    trust: {},
    hops: {
      dns,
      names: { isOwn: (host) => host === 'relay.labo.example', below: () => 0 },
      isOwnAddress: () => false,
      families: [4],
    },
    port: 25,
    mailboxes: { target: { path: '/nowhere' } },
    demandOf: () => ({ tls: 'may' }),
    promiseOf: () => Promise.resolve(undefined),
    tlsEvent: () => {},
    log: silentLog,
    ...others,
  });
}

export const never: AbortSignal = new AbortController().signal;

/** A message from Anne to whoever is named. */
export function attemptTo(
  route: Route,
  recipients: readonly string[],
  content: string | Uint8Array = 'Subject: essai\r\n\r\nBonjour.\r\n',
  envelope: Partial<Attempt['envelope']> = {},
): Attempt {
  const octets = typeof content === 'string' ? Buffer.from(content, 'latin1') : Buffer.from(content);
  return {
    id: 'delivery-1',
    route,
    envelope: {
      from: 'anne@labo.example',
      smtpUtf8: false,
      eightBit: false,
      requireTls: false,
      ...envelope,
    },
    recipients: recipients.map((address) => ({ address })),
    body: {
      sizeBytes: octets.length,
      async *octets() {
        for (let at = 0; at < octets.length; at += 1000) yield octets.subarray(at, at + 1000);
      },
    },
  };
}

export const hostRoute = (port: number, protocol: 'smtp' | 'lmtp' = 'smtp'): Route => ({
  kind: 'host',
  protocol,
  host: '127.0.0.1',
  port,
  mx: false,
});
