import type { Directory } from '@vaguemestre/server/auth/authenticator';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { LmtpServerOptions } from '@vaguemestre/server/lmtp/lmtp-server';
import { createLmtpServer, type LmtpServer } from '@vaguemestre/server/lmtp/lmtp-server';
import { parseNetworks } from '@vaguemestre/server/net/address';
import { type Listener, type ListenerOptions, listen } from '@vaguemestre/server/net/listener';
import { type DeliveryRecorder, deliveryRecorder } from './delivery-recorder.js';

export interface LmtpUnderTest {
  readonly port: number;
  readonly recorder: DeliveryRecorder;
  readonly server: LmtpServer;
  readonly listener: Listener;
  close(): Promise<void>;
}

export const relaySecret = 'a secret of the relay';

/** Everybody of labo.example exists but `unknown`; `small` may hold 1,000 octets; `away` is somebody whose directory does not answer. */
export const everybody: Directory = {
  resolve: async (address) => {
    const [local = '', domain] = address.toLowerCase().split('@');
    if (local === 'away') throw new MailError('unavailable', 'Try again later');
    if (local === 'broken') throw new TypeError('a fault of ours');
    if (domain !== 'labo.example' && local !== 'postmaster') return undefined;
    const [name = '', detail] = local.split('+');
    if (name === 'unknown') return undefined;
    return {
      account: name as AccountId,
      address: `${name}@labo.example`,
      detail,
      quotaBytes: name === 'small' ? 1_000 : undefined,
    };
  },
};

/** An LMTP listener on a port of its own, with a recording store behind it. */
export async function lmtpUnderTest(
  options: Partial<LmtpServerOptions> & { readonly listener?: Partial<ListenerOptions> } = {},
): Promise<LmtpUnderTest> {
  const { listener: listenerOptions, ...serverOptions } = options;
  const recorder = deliveryRecorder();
  const server = createLmtpServer({
    mailstore: recorder,
    directory: everybody,
    hostname: 'mail.labo.example',
    secret: relaySecret,
    peers: parseNetworks([]),
    trusted: parseNetworks([]),
    maxMessageBytes: 1024 * 1024,
    clock: systemClock,
    startTlsAvailable: listenerOptions?.tls !== undefined,
    log: silentLog,
    ...serverOptions,
  });
  const listener = await listen(
    { name: 'lmtp', address: { kind: 'tcp', host: '127.0.0.1', port: 0 }, log: silentLog, ...listenerOptions },
    (connection) => server.handle(connection),
  );
  return {
    recorder,
    server,
    listener,
    port: listener.address.kind === 'tcp' ? listener.address.port : 0,
    close: async () => {
      await Promise.all([server.close(0), listener.close(0)]);
    },
  };
}

/** `AUTH PLAIN` with the relay's secret. */
export const authRelay = `AUTH PLAIN ${Buffer.from(`\0relay\0${relaySecret}`).toString('base64')}`;
