import type { Command, Option } from './command.js';

/** `--help`, made from the descriptions: enough to use a command without any other document. */
export function helpFor(one: Command): string {
  const takes = one.takes.length === 0 ? '' : ` ${one.takes.join(' ')}`;
  const options = Object.entries({ ...one.options, ...commonOptions });
  const lines = [`usage: vaguemestre ${one.name}${takes} [options]`, '', capital(one.summary)];
  if (one.details !== undefined) lines.push('', one.details.trim());
  lines.push('', 'options:', ...columns(options.map(([name, option]) => [flag(name, option), option.says])));
  if (one.examples !== undefined) lines.push('', 'examples:', ...one.examples.map((example) => `  ${example}`));
  return `${lines.join('\n')}\n`;
}

/** The group `user` or `mail`, or everything. */
export function helpForAll(commands: readonly Command[], others: readonly (readonly [string, string])[]): string {
  const rows = commands.map((one) => [[one.name, ...one.takes].join(' '), one.summary] as const);
  return `${columns([...others, ...rows]).join('\n')}\n`;
}

export const commonOptions = {
  json: { type: 'boolean', says: 'print JSON' },
  help: { type: 'boolean', says: 'print this text' },
} as const satisfies Record<string, Option>;

/** Shown at the end of the help of every command: settings are taken anywhere on the command line. */
export const settingsHint = `Every setting is accepted too, such as --data DIR, --config FILE or --mongodb-uri URI
("vaguemestre config --print" lists them).
Exit codes: 0 done, 1 done in part (the report says what was not), 64 wrong command line, 65 wrong data, 67 no such
person, 69 or 75 try again later, 73 exists already or has no room, 78 wrong configuration.
`;

function flag(name: string, option: Option): string {
  return option.type === 'string' ? `--${name} ${option.value ?? 'VALUE'}` : `--${name}`;
}

/** Two columns, the second folded so that a line fits 100 characters. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(34, Math.max(...rows.map(([name]) => name.length))) + 2;
  return rows.flatMap(([name, says]) => {
    const folded = fold(says, 98 - left);
    const first = name.length < left ? [`  ${name.padEnd(left)}${folded.shift() ?? ''}`] : [`  ${name}`];
    return [...first, ...folded.map((line) => ' '.repeat(left + 2) + line)];
  });
}

function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
