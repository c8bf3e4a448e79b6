/**
 * The relay as the composition root sees it. It is a package of its own that builds on this one, so its entry is looked up by name
 * when the part is switched on, and this is the contract between them.
 */

import type { Directory } from '../auth/authenticator.js';
import type { SettingValues } from '../config/settings.js';
import type { Connection as StoreConnection } from '../database/connection.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { ListenAddress } from '../net/address.js';
import type { Connection } from '../net/connection.js';
import type { Deliver } from '../outbox/deliver.js';
import type { RelayDesk, RelayMode } from '../outbox/relay-desk.js';
import type { RelayOutlook } from '../outbox/relay-outlook.js';

export interface RelayPart {
  /** Serves one connection; resolves when its session is over. Never rejects. */
  handle(entrance: 'edge' | 'internal', connection: Connection): Promise<void>;
  readonly sessions: number;
  /** Takes the outbox: every recipient, those of the laboratory too. */
  readonly deliver: Deliver;
  /** Begins to deliver; `lmtp` is where the mailbox service of this process listens, if it does. */
  start(lmtp: ListenAddress | undefined): Promise<void>;
  /** Sessions end after the command under way, at the latest after `graceMs`; what is being delivered ends with the lifetime. */
  close(graceMs: number): Promise<void>;
}

export interface RelayPartOptions {
  readonly settings: SettingValues;
  /** Of the store. */
  readonly uri: string;
  /** The data folder; the spool lies in it. */
  readonly folder: string;
  readonly hostname: string;
  readonly directory: Directory;
  /** By which the mailbox service trusts this relay. */
  readonly lmtpSecret: string;
  readonly startTlsAvailable: boolean;
  readonly count: (lane: 'in' | 'out', outcome: string, ms: number) => void;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

export type OpenRelayPart = (options: RelayPartOptions) => Promise<RelayPart>;

export type OpenRelayDesk = (options: {
  readonly connection: StoreConnection;
  readonly mode: RelayMode;
}) => Promise<RelayDesk>;

export type OpenRelayOutlook = (options: {
  readonly settings: SettingValues;
  readonly hostname: string;
}) => Promise<RelayOutlook>;

/** Not a literal: this package is compiled before the relay's. */
const relayPackage = ['@vaguemestre', 'relay'].join('/');

export async function loadRelayPart(): Promise<OpenRelayPart> {
  const module = (await import(`${relayPackage}/relay-part`)) as { readonly openRelayPart: OpenRelayPart };
  return module.openRelayPart;
}

export async function loadRelayDesk(): Promise<OpenRelayDesk> {
  const module = (await import(`${relayPackage}/relay-desk`)) as { readonly openRelayDesk: OpenRelayDesk };
  return module.openRelayDesk;
}

export async function loadRelayOutlook(): Promise<OpenRelayOutlook> {
  const module = (await import(`${relayPackage}/relay-outlook`)) as { readonly openRelayOutlook: OpenRelayOutlook };
  return module.openRelayOutlook;
}
