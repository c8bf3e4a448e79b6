/** The relay of a worker: opened when the part is switched on, and given the outbox that was opened before it. */
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config/load-config.js';
import { connect } from '../database/connection.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import { ensureLmtpSecret } from '../lmtp/secret.js';
import type { Metrics } from '../observe/metrics.js';
import type { Deliver } from '../outbox/deliver.js';
import type { RelayDesk } from '../outbox/relay-desk.js';
import type { WorkerOrder } from './messages.js';
import type { OpenMail } from './open-mail.js';
import { loadRelayDesk, loadRelayPart, type RelayPart } from './relay-part.js';

export interface PendingRelay {
  /** Waits until there is one. */
  readonly deliver: Deliver;
  opened(relay: RelayPart): void;
}

export function pendingRelay(): PendingRelay {
  let opened: (relay: RelayPart) => void = () => undefined;
  const relay = new Promise<RelayPart>((resolve) => {
    opened = resolve;
  });
  return { deliver: async (message, signal) => (await relay).deliver(message, signal), opened: (one) => opened(one) };
}

/** Made here, or put there by whoever runs a relay without the mailbox service's folder. */
export async function lmtpSecretOf({ settings, folder }: WorkerOrder): Promise<string> {
  const file = settings['lmtp-secret'];
  if (file === undefined) return ensureLmtpSecret(folder);
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret === '') throw new ConfigError([`lmtp-secret: ${file} is empty`]);
  return secret;
}

export async function openRelay(parts: {
  readonly order: WorkerOrder;
  readonly mail: OpenMail;
  readonly lmtpSecret: string;
  readonly metrics: Metrics;
  readonly lifetime: Lifetime;
  readonly log: Log;
}): Promise<RelayPart> {
  const { order, mail, metrics } = parts;
  const open = await loadRelayPart();
  return open({
    settings: order.settings,
    uri: order.storeUri,
    folder: order.folder,
    hostname: order.hostname,
    directory: mail.auth.directory,
    lmtpSecret: parts.lmtpSecret,
    startTlsAvailable: true,
    count: (lane, outcome) =>
      metrics.count('relay_recipients_total', 'Recipients that the relay tried, by what came of it', { lane, outcome }),
    lifetime: parts.lifetime,
    log: parts.log,
  });
}

/** The operator's side, opened when somebody first asks for it. */
export function relayDesk({ storeUri, settings }: WorkerOrder, lifetime: Lifetime): () => Promise<RelayDesk> {
  let opened: Promise<RelayDesk> | undefined;
  const open = async (): Promise<RelayDesk> => {
    const [openDesk, connection] = await Promise.all([
      loadRelayDesk(),
      connect({ uri: storeUri, appName: 'vaguemestre relay desk' }),
    ]);
    lifetime.onClose(() => connection.close());
    return openDesk({ connection, mode: settings['relay-mode'] });
  };
  return () => {
    opened ??= open().catch((error: unknown) => {
      // The store was away: the next who asks tries again.
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
