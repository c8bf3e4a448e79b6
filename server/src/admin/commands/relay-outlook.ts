import { exportForms } from '../../outbox/relay-outlook.js';
import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
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

export const relayExportRecipients = command({
  name: 'relay export-recipients',
  takes: [],
  summary: 'list who has a mailbox, for hosts that take our mail before us',
  details:
    'text: an address a line. postfix: a map for relay_recipient_maps. json. hashes: HMAC-SHA256 under a salt, for those who may know\n' +
    'whether an address exists, and not which exist. Who may not log in still gets mail, and is in it.',
  examples: ['vaguemestre relay export-recipients --form postfix > /etc/postfix/labo-recipients'],
  options: {
    form: { type: 'string', value: exportForms.join('|'), says: 'text by default' },
    salt: { type: 'string', value: 'TEXT', says: 'for hashes, at least 16 characters' },
  },
  async run({ values, config, terminal, open, outlook }) {
    const form = exportForms.find((one) => one === (values.form ?? 'text'));
    if (form === undefined) throw new UsageError(`--form takes one of ${exportForms.join(', ')}`);
    const { salt = '' } = values;
    if (form === 'hashes' && salt.length < 16) throw new UsageError('hashes need a --salt of at least 16 characters');
    const { people } = await open();
    // As the directory has it: who may not log in still gets mail, who is being removed does not.
    const takers = (await people.list()).filter(({ removing }) => removing === undefined);
    const addresses = takers.flatMap((person) => person.addresses);
    const { body } = (await outlook()).exportRecipients(
      // RFC 5321 4.5.1: mail to postmaster is always taken.
      [...addresses, `postmaster@${config.values.domain}`],
      form,
      salt,
    );
    terminal.out(body);
    return exitCodes.ok;
  },
});
