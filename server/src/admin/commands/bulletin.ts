import { readFile } from 'node:fs/promises';
import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printJson, printTable } from '../listing.js';
import { readDate, writeDate } from '../person-options.js';

export const bulletinAdd = command({
  name: 'bulletin add',
  takes: ['FILE'],
  summary: 'post a notice that each person who takes mail by POP3 finds once in the mailbox',
  details: `FILE holds the text, in UTF-8. It comes as a message at the next time that a person takes mail by POP3, and stays
theirs to delete. Who reads by IMAP or webmail alone never sees it.`,
  options: {
    subject: { type: 'string', value: 'TEXT', says: 'subject of the message' },
    from: { type: 'string', value: 'ADDRESS', says: 'its sender; postmaster by default' },
    until: { type: 'string', value: 'DATE', says: 'last day on which somebody is told' },
  },
  examples: ['vaguemestre bulletin add outage.txt --subject "Coupure samedi" --until 2026-03-07'],
  async run({ values, positionals, json, config, terminal, open }) {
    if (values.subject === undefined) throw new UsageError('bulletin add needs --subject');
    const text = await readFile(positionals[0] ?? '', 'utf8');
    const { bulletins } = await open();
    const posted = await bulletins.post({
      from: values.from ?? `postmaster@${config.values.domain}`,
      subject: values.subject,
      text,
      until: values.until === undefined ? undefined : readDate(values.until, config.values['time-zone']),
    });
    if (json) printJson(terminal, posted);
    else terminal.out(`posted ${posted.id}\n`);
    return exitCodes.ok;
  },
});

export const bulletinList = command({
  name: 'bulletin list',
  takes: [],
  summary: 'list the notices to those who take mail by POP3',
  options: {},
  async run({ json, config, terminal, open }) {
    const zone = config.values['time-zone'];
    const { bulletins } = await open();
    const all = await bulletins.list();
    if (json) printJson(terminal, all);
    else {
      const rows = all.map(({ id, posted, until, subject }) => [
        id,
        writeDate(posted, zone),
        until === undefined ? '' : writeDate(until, zone),
        subject,
      ]);
      printTable(terminal, ['ID', 'POSTED', 'LAST DAY', 'SUBJECT'], rows);
    }
    return exitCodes.ok;
  },
});

export const bulletinRemove = command({
  name: 'bulletin remove',
  takes: ['ID'],
  summary: 'tell nobody else of a notice; who has it keeps it',
  options: {},
  async run({ positionals, json, terminal, open }) {
    const id = positionals[0] ?? '';
    const { bulletins } = await open();
    if (!(await bulletins.remove(id))) throw new UsageError(`there is no bulletin ${id}; see "bulletin list"`);
    if (json) printJson(terminal, { removed: id });
    else terminal.out(`removed ${id}\n`);
    return exitCodes.ok;
  },
});
