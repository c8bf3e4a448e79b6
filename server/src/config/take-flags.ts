/**
 * Takes the settings out of a command line, wherever they stand, and leaves the rest to the command: every command accepts
 * `--data DIR` or `--config FILE`. Both `--key value` and `--key=value` are understood; nothing after a lone `--` is.
 */
import { ConfigError } from './load-config.js';
import { settings } from './settings.js';

export interface TakenFlags {
  readonly flags: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

export function takeFlags(args: readonly string[]): TakenFlags {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  const problems: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      rest.push(...args.slice(i));
      break;
    }
    const equals = arg.indexOf('=');
    const key = arg.startsWith('--') ? arg.slice(2, equals < 0 ? undefined : equals) : '';
    if (key !== 'config' && !Object.hasOwn(settings, key)) {
      rest.push(arg);
      continue;
    }
    const value = equals < 0 ? args[++i] : arg.slice(equals + 1);
    if (value === undefined) problems.push(`${key} (from --${key}) has no value`);
    else flags.set(key, value);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { flags, rest };
}
