/** What the main process and its workers say to each other over the channel between them. Plain JSON. */
import type { ListenerName } from '../config/config.js';
import type { SettingValues } from '../config/settings.js';

/** Everything a worker needs to know; it reads neither files of settings nor the environment. */
export interface WorkerOrder {
  readonly settings: SettingValues;
  /** Absolute. */
  readonly folder: string;
  readonly storeUri: string;
  /** Of the embedded store; absent for a MongoDB. */
  readonly storeFolder?: string;
  /** PEM files; the same for every listener. */
  readonly tls: { readonly certFile: string; readonly keyFile: string; readonly selfSigned: boolean };
  /** There when a listener of old TLS is open. */
  readonly legacyTls?: { readonly certFile: string; readonly keyFile: string; readonly legacy?: boolean };
  readonly hostname: string;
  /** Listeners to open, in this order in every worker: a port 0 is shared by position. */
  readonly listeners: readonly ListenerName[];
  readonly version: string;
}

export type ToWorker =
  | { readonly kind: 'start'; readonly order: WorkerOrder }
  | { readonly kind: 'reload' }
  | { readonly kind: 'stop'; readonly graceMs: number }
  /** The answer to `takePlace`. */
  | {
      readonly kind: 'place';
      readonly id: number;
      readonly granted: boolean;
      /** Not granted because the last one is too short ago. */
      readonly restMs?: number;
    };

export type FromWorker =
  | { readonly kind: 'hello' }
  | { readonly kind: 'ready'; readonly addresses: readonly BoundListener[] }
  /** May one more connection of this protocol and account be let in? `id` names it for `givePlace`. */
  | {
      readonly kind: 'takePlace';
      readonly id: number;
      readonly key: string;
      /** So many may be taken at a time, in place of what the setting says. */
      readonly most?: number;
      /** So long after one was taken the next may be. */
      readonly restMs?: number;
    }
  | { readonly kind: 'givePlace'; readonly id: number }
  /** It cannot do its work and will not be able to when tried again: the setting to blame and why. */
  | { readonly kind: 'refused'; readonly listener: ListenerName; readonly reason: string };

export interface BoundListener {
  readonly name: ListenerName;
  /** As settings write it, with the port that was given for port 0. */
  readonly address: string;
}

/** Other libraries use the same channel: only what has one of our kinds is ours. */
export function isFromWorker(message: unknown): message is FromWorker {
  return hasKind(message, ['hello', 'ready', 'takePlace', 'givePlace', 'refused']);
}

export function isToWorker(message: unknown): message is ToWorker {
  return hasKind(message, ['start', 'reload', 'stop', 'place']);
}

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && kinds.includes(message.kind);
}
