import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printJson } from '../listing.js';
import { minute } from '../relay-story.js';

export const relayMode = command({
  name: 'relay mode',
  takes: ['[campus|direct]'],
  summary: 'show or change who may bring mail from outside',
  details:
    'campus: the declared upstreams only. direct: everybody, for when the hosts of the campus are away and the firewall is opened.\n' +
    'Every relay on this store follows within seconds. A mode that was set goes before the setting relay-mode, until its time is over.',
  examples: ['vaguemestre relay mode direct --for 12'],
  options: { for: { type: 'string', value: 'HOURS', says: 'then the settings count again' } },
  async run({ values, positionals, json, terminal, open }) {
    const [mode] = positionals;
    if (mode !== undefined && mode !== 'campus' && mode !== 'direct')
      throw new UsageError('a mode is campus or direct');
    const hours = values.for === undefined ? undefined : /^\d{1,4}$/.test(values.for) ? Number(values.for) : Number.NaN;
    if (Number.isNaN(hours) || hours === 0) throw new UsageError('--for takes a number of hours');
    const desk = await (await open()).relay();
    if (mode !== undefined) {
      await desk.setMode(
        mode,
        'the command line',
        hours === undefined ? undefined : new Date(Date.now() + hours * 3_600_000),
      );
    }
    const inForce = await desk.mode();
    if (json) printJson(terminal, inForce);
    else {
      const until = inForce.until === undefined ? '' : `, until ${minute(inForce.until)} UTC`;
      terminal.out(`${inForce.mode}, by ${inForce.by}${until}\n`);
    }
    return exitCodes.ok;
  },
});
