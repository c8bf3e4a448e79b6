import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printJson, printTable } from '../listing.js';

const mostLines = 100_000;

export const audit = command({
  name: 'audit',
  takes: [],
  summary: 'show what was done to accounts, when and by whom',
  details: `What the service did by itself (warnings, locks, archives, deletions), what was done by this command line, and what people changed
about their own passwords and second factors. It stays when the person is gone. Logins stand in the log of the service, as "audit":"login".`,
  options: {
    user: {
      type: 'string',
      value: 'ADDRESS',
      says: 'only what concerns this address, main address of somebody here or gone',
    },
    last: { type: 'string', value: 'N', says: 'so many lines (100)' },
  },
  async run({ values, json, config, terminal, open }) {
    const limit = Number(values.last ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > mostLines) throw new UsageError('--last is a number of lines');
    const { ended } = await open();
    const { user } = values;
    const address = user === undefined || user.includes('@') ? user : `${user}@${config.values.domain}`;
    const lines = await ended.audit.list({ limit, ...(address !== undefined && { address: address.toLowerCase() }) });
    if (json) printJson(terminal, lines);
    else {
      const details = (detail: object | undefined): string =>
        Object.entries(detail ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join(' ');
      printTable(
        terminal,
        ['WHEN', 'ADDRESS', 'WHAT', 'BY', 'DETAILS'],
        lines.map(({ t, address: whose, what, by, detail }) => [t.toISOString(), whose, what, by, details(detail)]),
      );
    }
    return exitCodes.ok;
  },
});
