import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { printJson, printTable } from '../listing.js';

export const relayTestRoute = command({
  name: 'relay test-route',
  takes: ['ADDRESS'],
  summary: 'tell where mail for an address would go, without sending any',
  options: {},
  async run({ positionals, json, terminal, outlook, signal }) {
    const told = await (await outlook()).testRoute(positionals[0] ?? '', signal);
    if (json) printJson(terminal, told);
    else {
      terminal.out(`${told.route}${told.promise === undefined ? '' : `, MTA-STS ${told.promise}`}\n`);
      for (const { host, address, port } of told.hosts) terminal.out(`  ${host} [${address}]:${port}\n`);
      if (told.problem !== undefined) terminal.out(`  ${told.problem}\n`);
    }
    return exitCodes.ok;
  },
});

export const relaySelfTest = command({
  name: 'relay self-test',
  takes: [],
  summary: 'look at the MX, name servers and SPF of the laboratory as strangers see them',
  details: 'It asks the DNS and changes nothing. With an error among its findings it ends with 1.',
  options: {},
  async run({ json, terminal, outlook, signal }) {
    const findings = await (await outlook()).selfTest(signal);
    if (json) printJson(terminal, findings);
    else {
      const rows = findings.map(({ level, check, name, text }) => [level, check, name, text]);
      printTable(terminal, ['LEVEL', 'CHECK', 'OF', 'FINDING'], rows);
    }
    return findings.some(({ level }) => level === 'error') ? exitCodes.incomplete : exitCodes.ok;
  },
});
