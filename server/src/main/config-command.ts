/** `vaguemestre config --print`: the effective settings, with where each came from, secrets masked. */

import { showConfig } from '../config/config.js';
import type { ConfigSources } from '../config/load-config.js';
import { loadConfig } from '../config/load-config.js';
import { environmentName } from '../config/settings.js';
import { exitUsage } from './exit-codes.js';

const help = `vaguemestre config --print [--json]

Shows every setting as it is in effect and where it comes from: a flag, the environment, the
file named by --config, or the default. Secrets are masked.
`;

export function runConfigCommand(args: readonly string[], sources: ConfigSources): void {
  const unknown = args.find((arg) => !['--print', '--json', '--help'].includes(arg));
  if (args.includes('--help') || !args.includes('--print') || unknown !== undefined) {
    if (unknown !== undefined) process.stderr.write(`vaguemestre: config knows no ${unknown}\n`);
    (unknown === undefined && args.includes('--help') ? process.stdout : process.stderr).write(help);
    if (!args.includes('--help')) process.exitCode = exitUsage;
    return;
  }
  const rows = showConfig(loadConfig(sources));
  if (args.includes('--json')) {
    const all = rows.map(({ key, value, origin }) => ({ key, value, from: origin.from, at: origin.at }));
    process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
    return;
  }
  const width = Math.max(...rows.map(({ key }) => key.length));
  let text = '';
  for (const { key, value, origin, says } of rows) {
    text += `# ${says}${origin.from === 'default' ? ` (${environmentName(key)})` : ` (from ${origin.at})`}\n`;
    text += `${key.padEnd(width)} = ${JSON.stringify(value)}\n`;
  }
  process.stdout.write(text);
}
