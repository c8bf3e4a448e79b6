import { passwordOptions, takePassword } from '../ask-password.js';
import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printJson } from '../listing.js';
import {
  personOptions,
  readDate,
  readLang,
  readProtocols,
  readRole,
  readSize,
  readTakenMail,
  roleOption,
} from '../person-options.js';
import { peopleJson } from '../person-view.js';

export const userAdd = command({
  name: 'user add',
  takes: ['ADDRESS'],
  summary: 'add a person',
  details: `The role gives the defaults: permanent and doctoral read by IMAP and webmail, an intern by POP3 and webmail
until the last day of the stay and with a sponsor, a service only what --allow gives. An address without @ is in the
laboratory's domain. The password is asked for, unless an option says where it comes from.`,
  options: { role: roleOption, ...personOptions, ...passwordOptions },
  examples: [
    'vaguemestre user add anne.durand --role permanent --name "Anne Durand" --quota 20G',
    'vaguemestre user add tom --role intern --sponsor anne.durand --expires 2026-07-31 --generate-password',
    'vaguemestre user add scanner --role service --allow submission --password-stdin < secret',
  ],
  async run({ values, positionals, json, config, terminal, open }) {
    const zone = config.values['time-zone'];
    if (values.role === undefined) throw new UsageError(`user add needs --role ${roleOption.value}`);
    const { name, alias, sponsor, expires, quota, allow, deny, taken, lang } = values;
    const person = {
      address: positionals[0] ?? '',
      role: readRole(values.role),
      admin: values.admin ?? false,
      eudora: values.eudora ?? false,
      ...(name !== undefined && { name }),
      ...(alias !== undefined && { aliases: alias }),
      ...(sponsor !== undefined && { sponsor }),
      ...(expires !== undefined && { expires: readDate(expires, zone) }),
      ...(quota !== undefined && { quota: readSize(quota) }),
      ...(allow !== undefined && { allow: readProtocols(allow) }),
      ...(deny !== undefined && { deny: readProtocols(deny) }),
      ...(taken !== undefined && { takenMail: readTakenMail(taken) }),
      ...(values['moved-to'] !== undefined && { movedTo: values['moved-to'] }),
      ...(lang !== undefined && { lang: readLang(lang) }),
    };
    const { people, record } = await open();
    people.validate(person);
    const { password, generated } = await takePassword(terminal, values);
    const added = await people.add({ ...person, password });
    await record('person added', added, { role: added.role });
    if (json) {
      const [shown] = await peopleJson(people, [added], zone);
      printJson(terminal, { ...shown, ...(generated !== undefined && { password: generated }) });
    } else {
      terminal.out(`added ${added.address}\n`);
      if (generated !== undefined) terminal.out(`password ${generated}\n`);
    }
    return exitCodes.ok;
  },
});
