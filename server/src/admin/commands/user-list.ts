import { showSize } from '../../config/kinds.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { printFields, printJson, printTable } from '../listing.js';
import { readRole, roleOption } from '../person-options.js';
import { peopleJson, personFields } from '../person-view.js';

export const userList = command({
  name: 'user list',
  takes: [],
  summary: 'list the people',
  options: { role: { ...roleOption, says: 'only these' } },
  async run({ values, json, config, terminal, open }) {
    const role = values.role === undefined ? undefined : readRole(values.role);
    const { people } = await open();
    const everybody = (await people.list()).filter((one) => role === undefined || one.role === role);
    const shown = await peopleJson(people, everybody, config.values['time-zone']);
    if (json) printJson(terminal, shown);
    else {
      printTable(
        terminal,
        ['ADDRESS', 'NAME', 'ROLE', 'STATE', 'LAST DAY', 'QUOTA'],
        shown.map((one) => [
          one.address,
          one.name,
          one.role + (one.admin ? '*' : ''),
          one.state,
          one.expires ?? '',
          one.quotaBytes === null ? '' : showSize(one.quotaBytes),
        ]),
      );
      terminal.err(`${shown.length} ${shown.length === 1 ? 'person' : 'people'}; * administrator\n`);
    }
    return exitCodes.ok;
  },
});

export const userShow = command({
  name: 'user show',
  takes: ['ADDRESS'],
  summary: 'show a person, their mailboxes and the space they use',
  options: {},
  async run({ positionals, json, config, terminal, open }) {
    const { people, mailstore } = await open();
    const person = await people.find(positionals[0] ?? '');
    const [shown] = await peopleJson(people, [person], config.values['time-zone']);
    if (shown === undefined) return exitCodes.noUser;
    const hasPassword = await people.hasPassword(person._id);
    const account = await mailstore.openAccount(person._id, { by: 'admin' });
    try {
      const { usedBytes, messages } = account.quota();
      const mailboxes = account.mailboxes().map(({ path, role, exists, unseen, bytes }) => {
        return { path, role: role ?? null, messages: exists, unseen, bytes };
      });
      if (json) printJson(terminal, { ...shown, hasPassword, usedBytes, messages, mailboxes });
      else {
        const used: [string, string] = ['uses', `${showSize(usedBytes)} octets in ${messages} messages`];
        printFields(terminal, [...personFields(shown), ['password', hasPassword ? 'set' : 'not set'], used]);
        terminal.out('\n');
        const row = (one: (typeof mailboxes)[number]) => [one.path, `${one.messages}`, `${one.unseen}`, `${one.bytes}`];
        printTable(terminal, ['MAILBOX', 'MESSAGES', 'UNSEEN', 'OCTETS'], mailboxes.map(row));
      }
    } finally {
      account.release();
    }
    return exitCodes.ok;
  },
});
