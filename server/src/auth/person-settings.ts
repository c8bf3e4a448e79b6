/**
 * How a person likes the webmail: looks, labels with their names and colours, whatever the page wants to find again on another
 * computer. The service keeps values under names and does not know what they mean; it bounds how many and how large they are,
 * since a page that went wrong, or somebody else's program, may send anything.
 *
 * A change names single values, so two computers that change different ones both have their way; of the same one the later wins.
 */
import type { PreferenceEntry, PreferencesCollection } from '../database/preferences.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { maxSettings, maxSettingsBytes, maxSettingValueBytes } from '../kernel/limits.js';

export interface SettingsState {
  /** Counts the changes. */
  readonly version: number;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface PersonSettings {
  get(account: AccountId): Promise<SettingsState>;
  /** null takes a value away. MailError invalid (the text says what is wrong), limit, conflict. */
  change(account: AccountId, patch: Readonly<Record<string, unknown>>): Promise<SettingsState>;
  removeAccount(account: AccountId): Promise<void>;
}

/** `density`, `label:urgent`. */
const keyPattern = /^[a-z][A-Za-z0-9]{0,39}(?::[\x21-\x7e]{1,200})?$/;
/** Lost races in a row before a change is given up. */
const attempts = 8;

export function createPersonSettings(collection: PreferencesCollection): PersonSettings {
  return {
    async get(account) {
      const { entries, v } = await collection.get(account);
      return { version: v, values: valuesOf(entries) };
    },
    async change(account, patch) {
      const news = checkedEntries(patch);
      for (let attempt = 0; attempt < attempts; attempt++) {
        const { entries, v } = await collection.get(account);
        const next = merged(entries, news);
        checkSize(next);
        if (await collection.put(account, { entries: next, v: v + 1 })) {
          return { version: v + 1, values: valuesOf(next) };
        }
      }
      throw new MailError('conflict', 'The settings are being changed elsewhere, try again');
    },
    removeAccount: (account) => collection.remove(account),
  };
}

function valuesOf(entries: readonly PreferenceEntry[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.map(({ key, json }) => [key, JSON.parse(json) as unknown]));
}

/** undefined: to be taken away. */
function checkedEntries(patch: Readonly<Record<string, unknown>>): ReadonlyMap<string, string | undefined> {
  const news = new Map<string, string | undefined>();
  for (const [key, value] of Object.entries(patch)) {
    if (!keyPattern.test(key)) throw new MailError('invalid', 'A setting is named like density or label:urgent');
    const json = JSON.stringify(value);
    if (Buffer.byteLength(json) > maxSettingValueBytes) {
      throw new MailError('invalid', `The setting ${key} is longer than ${maxSettingValueBytes} octets`);
    }
    news.set(key, value === null ? undefined : json);
  }
  return news;
}

function merged(
  entries: readonly PreferenceEntry[],
  news: ReadonlyMap<string, string | undefined>,
): readonly PreferenceEntry[] {
  const kept = new Map<string, string | undefined>(entries.map(({ key, json }) => [key, json]));
  for (const [key, json] of news) kept.set(key, json);
  return [...kept].flatMap(([key, json]) => (json === undefined ? [] : [{ key, json }]));
}

function checkSize(entries: readonly PreferenceEntry[]): void {
  let bytes = 0;
  for (const { key, json } of entries) bytes += key.length + Buffer.byteLength(json);
  if (entries.length > maxSettings || bytes > maxSettingsBytes) {
    throw new MailError('limit', 'That is more settings than are kept for one person');
  }
}
