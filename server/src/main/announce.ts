/** What a service says on standard output: the table of addresses, the first administrator, `vaguemestre ready`. */
import { builtListeners } from './built-listeners.js';
import type { BoundListener } from './messages.js';

export function addressTable(listeners: readonly BoundListener[]): string {
  const rows = listeners.map(({ name, address }) => [name, address, builtListeners[name]?.says ?? ''] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column as 0 | 1].length), 0));
  return rows
    .map(([name, address, says]) => `  ${name.padEnd(widths[0] ?? 0)}  ${address.padEnd(widths[1] ?? 0)}  ${says}\n`)
    .join('');
}

/** The one line that scripts wait for. */
export const readyLine = 'vaguemestre ready\n';
