/** The effective configuration: read once at the start, frozen, handed down by `main`. Nothing else reads the environment. */
import type { ListenAddress } from '../net/address.js';
import { type SettingKey, type SettingValues, settingKeys, settings } from './settings.js';

/** Every listener of the contract, built yet or not. */
export const listenerNames = [
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'pop3s-legacy',
  'submissions-legacy',
  'lmtp',
  'smtp',
  'internal',
  'submission',
  'submissions',
  'sieve',
  'http',
  'https',
  'metrics',
] as const;
export type ListenerName = (typeof listenerNames)[number];

/** Where a value came from, as messages say it. */
export type Origin = { readonly from: 'default' | 'flag' | 'environment' | 'file'; readonly at: string };

export interface Config {
  readonly values: SettingValues;
  readonly listen: Readonly<Record<ListenerName, ListenAddress | undefined>>;
  readonly origins: Readonly<Record<SettingKey, Origin>>;
}

export function createConfig(values: SettingValues, origins: Record<SettingKey, Origin>): Config {
  const listen = {} as Record<ListenerName, ListenAddress | undefined>;
  for (const name of listenerNames) listen[name] = values[`listen-${name}`];
  return Object.freeze({
    values: Object.freeze(values),
    listen: Object.freeze(listen),
    origins: Object.freeze(origins),
  });
}

/** A password in a MongoDB address is masked, the rest helps to find the fault. */
export function maskSecrets(text: string): string {
  return text.replace(/^([a-z+]+:\/\/[^:/@]*:)[^@]*(@)/i, '$1***$2');
}

export interface ShownSetting {
  readonly key: SettingKey;
  readonly value: string;
  readonly origin: Origin;
  readonly says: string;
}

/** What `config --print` shows. */
export function showConfig(config: Config): readonly ShownSetting[] {
  return settingKeys.map((key) => {
    const { kind, says } = settings[key];
    const shown = (kind.show as (value: unknown) => string)(config.values[key]);
    const value = 'secret' in settings[key] ? maskSecrets(shown) : shown;
    return { key, value, origin: config.origins[key], says };
  });
}
