import { writeFile } from 'node:fs/promises';
import { mailDoors, personalDoors } from '@vaguemestre/shared/mail-doors';
import { type Reach, reachOf } from '../../auth/doors-of-person.js';
import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printJson } from '../listing.js';
import { readLang } from '../person-options.js';

const protocolOf = { imap: 'imap', pop3: 'pop3', smtp: 'submission' } as const;

export const userSheet = command({
  name: 'user sheet',
  takes: ['ADDRESS'],
  summary: 'write the page to print for a person: how to read mail, as PDF',
  details: `One page in the person's language, with a picture for the telephone and the values of this person for a mail program. It
names only what this configuration opens, and holds no password.`,
  options: {
    out: { type: 'string', value: 'FILE', says: 'where to (sheet-ADDRESS.pdf in this folder)' },
    lang: { type: 'string', value: 'fr|en', says: 'in place of the language of the person' },
  },
  examples: ['vaguemestre user sheet tom --out tom.pdf'],
  async run({ values, positionals, json, terminal, open, config }) {
    const { people, service } = await open();
    const person = await people.find(positionals[0] ?? '');
    const sponsor = person.sponsor === undefined ? undefined : await people.get(person.sponsor);
    const policy = { pop3Clear: config.values['pop3-clear'], internWebmail: config.values['intern-webmail'] === 'on' };
    const reach = (protocol: Parameters<typeof reachOf>[1]): Reach =>
      reachOf({ ...person, expires: person.expires }, protocol, policy, Date.now());
    // Some 60 ms of code that no other command needs.
    const { sheetPdf } = await import('../sheet/sheet-pdf.js');
    const web = service.doors.find(({ name }) => name === 'https');
    const pdf = await sheetPdf({
      lang: values.lang === undefined ? person.lang : readLang(values.lang),
      domain: service.domain,
      host: service.host,
      address: person.address,
      name: person.name,
      timeZone: config.values['time-zone'],
      ...(person.expires === undefined ? {} : { expires: person.expires }),
      ...(sponsor === undefined ? {} : { sponsor }),
      doors: personalDoors(mailDoors(service), (type) => reach(protocolOf[type]) !== 'no'),
      web: web === undefined || reach('webmail') === 'no' ? undefined : webAddress(service.host, web.port),
      sendsFromLaboratoryOnly: reach('submission') === 'laboratory',
    });
    const file = values.out ?? `sheet-${person.address}.pdf`;
    try {
      await writeFile(file, pdf);
    } catch (error) {
      throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (json) printJson(terminal, { address: person.address, file });
    else terminal.out(`${file}\n`);
    return exitCodes.ok;
  },
});

const webAddress = (host: string, port: number): string => `https://${host}${port === 443 ? '' : `:${port}`}/`;
