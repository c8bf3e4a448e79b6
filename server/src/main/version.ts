import { readFileSync } from 'node:fs';

/** The version of the whole checkout: that of its package.json. */
export function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return String((JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version ?? '0.0.0');
}
