import type { PersonUpdate } from '../../auth/people.js';
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

/** Octets of the line that holds a hash. */
const maxHashLine = 1_100;

const off = (says: string) => ({ type: 'boolean', says }) as const;

export const userSet = command({
  name: 'user set',
  takes: ['ADDRESS'],
  summary: 'change what is known of a person',
  details: `Only what is given changes. "none" takes a quota, a sponsor, an end date, --moved-to, --allow, --deny, --taken or the
aliases away.
A change reaches every running process within two seconds.`,
  options: {
    role: roleOption,
    ...personOptions,
    'no-eudora': off('takes the Eudora flag away'),
    'no-admin': off('administers no longer'),
    'no-second-factor': off('signing in asks for no code any more: the telephone is lost'),
  },
  examples: ['vaguemestre user set tom --expires 2026-09-30', 'vaguemestre user set anne.durand --quota none --admin'],
  async run({ values, positionals, json, config, terminal, open }) {
    const zone = config.values['time-zone'];
    const moved = values['moved-to'];
    const { role, name, alias, sponsor, expires, quota, allow, deny, taken, lang } = values;
    const none = (text: string): boolean => text === 'none' || text === '';
    const update: PersonUpdate = {
      ...(role !== undefined && { role: readRole(role) }),
      ...(name !== undefined && { name }),
      ...(alias !== undefined && { aliases: alias.filter((one) => !none(one)) }),
      ...(sponsor !== undefined && { sponsor: none(sponsor) ? undefined : sponsor }),
      ...(expires !== undefined && { expires: none(expires) ? undefined : readDate(expires, zone) }),
      ...(quota !== undefined && { quota: none(quota) ? undefined : readSize(quota) }),
      ...(allow !== undefined && { allow: none(allow) ? [] : readProtocols(allow) }),
      ...(deny !== undefined && { deny: none(deny) ? [] : readProtocols(deny) }),
      ...(taken !== undefined && { takenMail: none(taken) ? undefined : readTakenMail(taken) }),
      ...(moved !== undefined && { movedTo: none(moved) ? undefined : moved }),
      ...(lang !== undefined && { lang: readLang(lang) }),
      ...toggled('eudora', values.eudora, values['no-eudora']),
      ...toggled('admin', values.admin, values['no-admin']),
    };
    const noFactor = values['no-second-factor'] === true;
    if (Object.keys(update).length === 0 && !noFactor) throw new UsageError('nothing to change; see the options');
    const { people, record } = await open();
    if (noFactor) await people.removeSecondFactor(positionals[0] ?? '');
    const changed = await people.update(positionals[0] ?? '', update);
    const fields = [...Object.keys(update), ...(noFactor ? ['second factor removed'] : [])];
    await record('person changed', changed, { fields: fields.join(', ') });
    if (json) printJson(terminal, (await peopleJson(people, [changed], zone))[0]);
    else terminal.out(`changed ${changed.address}\n`);
    return exitCodes.ok;
  },
});

function toggled<K extends string>(name: K, on: boolean | undefined, no: boolean | undefined): { [P in K]?: boolean } {
  if (on && no) throw new UsageError(`--${name} and --no-${name} exclude each other`);
  return (on ? { [name]: true } : no ? { [name]: false } : {}) as { [P in K]?: boolean };
}

export const userPasswd = command({
  name: 'user passwd',
  takes: ['ADDRESS'],
  summary: 'give a person a new password',
  details: 'The old one ends at once, in other processes of a running service within two seconds.',
  options: {
    ...passwordOptions,
    'hash-stdin': off('read the hash of the password from another system: {SSHA}, {CRYPT}, $6$, $2y$, {PBKDF2} ...'),
  },
  async run({ values, positionals, json, terminal, open }) {
    const { people, record } = await open();
    const person = await people.find(positionals[0] ?? '');
    if (values['hash-stdin'] === true) {
      await people.setPasswordHash(
        person.address,
        Buffer.from(await terminal.readLine(maxHashLine)).toString('latin1'),
      );
      await record('password changed', person);
      if (json) printJson(terminal, { address: person.address });
      else terminal.out(`new password for ${person.address}\n`);
      return exitCodes.ok;
    }
    const { password, generated } = await takePassword(terminal, values);
    await people.setPassword(person.address, password);
    await record('password changed', person);
    if (json) printJson(terminal, { address: person.address, ...(generated !== undefined && { password: generated }) });
    else terminal.out(generated === undefined ? `new password for ${person.address}\n` : `password ${generated}\n`);
    return exitCodes.ok;
  },
});

export const userDisable = command({
  name: 'user disable',
  takes: ['ADDRESS'],
  summary: 'let nobody log in as a person; mail still arrives',
  options: { undo: off('let the person in again') },
  async run({ values, positionals, json, config, terminal, open }) {
    const { people, record } = await open();
    const person = await people.update(positionals[0] ?? '', { disabled: values.undo !== true });
    await record(person.disabled ? 'person disabled' : 'person enabled', person);
    if (json) printJson(terminal, (await peopleJson(people, [person], config.values['time-zone']))[0]);
    else terminal.out(`${person.disabled ? 'disabled' : 'enabled'} ${person.address}\n`);
    return exitCodes.ok;
  },
});

export const userRemove = command({
  name: 'user remove',
  takes: ['ADDRESS'],
  summary: 'remove a person with all their mail, for good',
  details: 'Asks first; a script needs --yes. "mail export" keeps a copy, "user disable" keeps the person.',
  options: { yes: off('do not ask') },
  async run({ values, positionals, json, terminal, open }) {
    const { people, mailstore, record } = await open();
    const person = await people.find(positionals[0] ?? '');
    if (values.yes !== true) {
      if (!terminal.interactive)
        throw new UsageError('no terminal to ask on; give --yes to remove without being asked');
      const account = await mailstore.openAccount(person._id, { by: 'admin' });
      const { messages } = account.quota();
      account.release();
      if (!(await terminal.confirm(`Remove ${person.address} and ${messages} messages?`))) return exitCodes.incomplete;
    }
    await people.remove(person.address);
    await record('person removed', person);
    if (json) printJson(terminal, { removed: person.address });
    else terminal.out(`removed ${person.address}\n`);
    return exitCodes.ok;
  },
});
