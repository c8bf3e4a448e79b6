import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printJson, printTable } from '../listing.js';

export const userFactors = command({
  name: 'user factors',
  takes: ['ADDRESS'],
  summary: 'show what a person signs in to the web with besides the password, or remove it',
  details: `Passkeys by their ids, the code app as "codes". With the last one the recovery codes go, and the password alone opens the web
again. Make sure who asks.`,
  options: { remove: { type: 'string', says: 'remove this passkey, or "codes"', value: 'ID' } },
  examples: ['vaguemestre user factors claire', 'vaguemestre user factors claire --remove codes'],
  async run({ values, positionals, json, terminal, open }) {
    const { people, factors, record } = await open();
    const { passkeys, secondFactor } = factors;
    const person = await people.find(positionals[0] ?? '');
    const { remove } = values;
    if (remove === 'codes') {
      if (!(await secondFactor.isOn(person._id))) throw new UsageError(`${person.address} has no code app`);
      await secondFactor.remove(person._id);
    } else if (remove !== undefined && !(await passkeys.remove(person._id, remove))) {
      throw new UsageError(`${person.address} has no such passkey`);
    }
    if (remove !== undefined) await record('second factor removed', person, { factor: remove });
    const [held, codes, recoveryLeft] = await Promise.all([
      passkeys.list(person._id),
      secondFactor.isOn(person._id),
      secondFactor.recoveryLeft(person._id),
    ]);
    if (json) printJson(terminal, { passkeys: held, codes, recoveryLeft: recoveryLeft ?? 0 });
    else {
      const day = (date: Date | undefined): string => date?.toISOString().slice(0, 10) ?? '';
      const rows = held.map(({ id, name, made, used }) => [id, name, day(made), day(used?.at)]);
      printTable(
        terminal,
        ['ID', 'NAME', 'MADE', 'USED'],
        [...(codes ? [['codes', 'code app', '', '']] : []), ...rows],
      );
      terminal.err(`recovery codes left: ${recoveryLeft ?? 0}\n`);
    }
    return exitCodes.ok;
  },
});
