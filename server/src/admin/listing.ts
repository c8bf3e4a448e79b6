import type { Terminal } from './terminal.js';

/** Rows under a heading, as wide as needed; what is printed is made harmless to a terminal. */
export function printTable(terminal: Terminal, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [heading, ...rows.map((row) => row.map(harmless))];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  for (const row of all) {
    terminal.out(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

export function printFields(terminal: Terminal, fields: readonly (readonly [string, string])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) terminal.out(`${`${name}:`.padEnd(width + 2)}${harmless(value)}\n`);
}

export const printJson = (terminal: Terminal, value: unknown): void =>
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);

/** Names come from files and from people: no control character may reach the terminal. */
export const harmless = (text: string): string => text.replaceAll(/\p{Cc}/gu, '\ufffd');
