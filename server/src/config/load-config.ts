/**
 * Finds the value of every setting: flag, then environment, then file, then default. All faults are found before any is
 * reported, each as one sentence that names the key and where it came from. Reads the one file it is given and touches
 * nothing.
 */
import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { type Config, createConfig, type Origin } from './config.js';
import { BadValue } from './kinds.js';
import { environmentName, type SettingKey, type SettingValues, settingKeys, settings } from './settings.js';

/** sysexits.h EX_CONFIG: the exit code of every fault in the configuration. */
export const exitConfig = 78;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface ConfigSources {
  /** Without program and command: what `takeFlags` found. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Variables that begin like settings and belong to the tests or to the processes of one service. */
const foreignVariables = /^VAGUEMESTRE_(TEST|BENCH|WORKER)(_|$)|^VAGUEMESTRE_MONGODB_SPECS$/;

interface Found {
  readonly raw: unknown;
  readonly origin: Origin;
}

export function loadConfig(sources: ConfigSources): Config {
  const problems: string[] = [];
  const found = new Map<SettingKey, Found>();
  const file = sources.flags.get('config') ?? sources.environment['VAGUEMESTRE_CONFIG'];
  if (file !== undefined && file !== '') readConfigFile(file, found, problems);
  readEnvironment(sources.environment, found, problems);
  for (const [key, raw] of sources.flags) {
    if (isSettingKey(key)) found.set(key, { raw, origin: { from: 'flag', at: `--${key}` } });
  }
  const values: Record<string, unknown> = {};
  const origins = {} as Record<SettingKey, Origin>;
  for (const key of settingKeys) {
    const { kind, initial } = settings[key];
    const { raw, origin } = found.get(key) ?? { raw: initial, origin: { from: 'default', at: 'default' } as const };
    origins[key] = origin;
    try {
      values[key] = kind.read(raw);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      const shown = 'secret' in settings[key] ? '' : `, not ${JSON.stringify(raw)}`;
      problems.push(`${key} (from ${origin.at}) ${error.message}${shown}`);
    }
  }
  if (problems.length === 0) checkTogether(values as SettingValues, origins, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return createConfig(values as SettingValues, origins);
}

function checkTogether(values: SettingValues, origins: Record<SettingKey, Origin>, problems: string[]): void {
  for (const [one, other] of [
    ['tls-cert', 'tls-key'],
    ['tls-key', 'tls-cert'],
  ] as const) {
    if (values[one] !== undefined && values[other] === undefined) {
      problems.push(`${one} (from ${origins[one].at}) needs ${other} beside it`);
    }
  }
  const { parts } = values;
  if (parts.includes('relay') && !parts.includes('mailbox') && values['relay-mailboxes'] === undefined) {
    problems.push(
      `parts (from ${origins.parts.at}) has the relay without the mailbox service: relay-mailboxes must say where its LMTP listener is`,
    );
  }
}

const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(settings, key);

function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  found: Map<SettingKey, Found>,
  problems: string[],
): void {
  const known = new Map(settingKeys.map((key) => [environmentName(key), key]));
  for (const [name, raw] of Object.entries(environment)) {
    if (raw === undefined || !name.startsWith('VAGUEMESTRE_') || name === 'VAGUEMESTRE_CONFIG') continue;
    const key = known.get(name);
    if (key !== undefined) found.set(key, { raw, origin: { from: 'environment', at: name } });
    else if (!foreignVariables.test(name)) {
      problems.push(`${name} (from the environment) is no setting${suggestion(name, [...known.keys()])}`);
    }
  }
}

function readConfigFile(file: string, found: Map<SettingKey, Found>, problems: string[]): void {
  let table: Record<string, unknown>;
  try {
    table = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why =
      error instanceof TomlError ? `is no TOML: ${firstLine(error.message)} (line ${error.line})` : cannotRead(error);
    problems.push(`config (${file}) ${why}`);
    return;
  }
  for (const [key, raw] of flatten(table, '')) {
    if (isSettingKey(key)) found.set(key, { raw, origin: { from: 'file', at: file } });
    else problems.push(`${key} (from ${file}) is no setting${suggestion(key, settingKeys)}`);
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

function cannotRead(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read by this user';
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

/** A table is a prefix: `[listen] imap = ...` is `listen-imap`. */
function* flatten(table: Record<string, unknown>, prefix: string): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(table)) {
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
    if (isTable) yield* flatten(value as Record<string, unknown>, `${prefix}${name}-`);
    else yield [`${prefix}${name}`, value];
  }
}

/** `; did you mean X?` when one known name is two letters away or less. */
export function suggestion(name: string, known: readonly string[]): string {
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const distance = editDistance(name, candidate, least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best === undefined ? '' : `; did you mean ${best}?`;
}

function editDistance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough || a.length > 100) return enough;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? enough;
}
