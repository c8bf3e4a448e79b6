import { resolve } from 'node:path';
import { maxPasswordOctets } from '../../auth/password-text.js';
import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { journalFile, openJournal } from '../import/import-journal.js';
import { type ImportReport, importMail } from '../import/import-mail.js';
import { openSource, sourceName } from '../import/open-source.js';
import { harmless, printJson } from '../listing.js';
import { amount, createProgressBar, duration } from '../progress-bar.js';
import type { Terminal } from '../terminal.js';

export const mailImport = command({
  name: 'mail import',
  takes: ['SOURCE'],
  summary: 'take mail into the account of a person',
  details: `SOURCE is an mbox, a Maildir (both layouts), a folder of .eml files or of mbox files (Thunderbird), one .eml, or
another server: imaps://user@host, whose password is asked for or read from standard input. Mailboxes, flags, keywords,
dates and subscriptions come along; special mailboxes are merged with the person's own ("Sent" with "Envoyés") unless
--keep-names is given. A single file goes to INBOX or to --folder; of many mailboxes, --folder is the parent.

It may be stopped at any time: the same command goes on where it was, and takes only what is new when it is done and run
again. What could not be taken is listed at the end.`,
  options: {
    user: { type: 'string', value: 'ADDRESS', says: 'whose account' },
    folder: { type: 'string', value: 'MAILBOX', says: 'where to, with / between levels' },
    'keep-names': { type: 'boolean', says: 'do not merge special mailboxes' },
    'password-stdin': { type: 'boolean', says: 'password of the other server: first line of standard input' },
    insecure: { type: 'boolean', says: "accept the other server's certificate whoever signed it" },
    again: { type: 'boolean', says: 'forget what was taken before: take everything (again)' },
  },
  examples: [
    'vaguemestre mail import --user anne.durand ~/Maildir',
    'vaguemestre mail import --user anne.durand --folder Archives/2019 old.mbox',
    'vaguemestre mail import --user anne.durand imaps://adurand@imap.old.example',
  ],
  async run({ values, positionals, json, config, terminal, open, signal }) {
    const [from = ''] = positionals;
    if (values.user === undefined) throw new UsageError('mail import needs --user ADDRESS');
    const { people, mailstore } = await open();
    const person = await people.find(values.user);
    const quota = person.quota === undefined ? {} : { quotaBytes: person.quota };
    const source = await openSource(from, {
      insecure: values.insecure ?? false,
      password: () => remotePassword(terminal, values['password-stdin'] ?? false),
    });
    const account = await mailstore.openAccount(person._id, { by: 'import', ...quota });
    const file = journalFile(resolve(config.values.data), person._id, sourceName(from), values.folder);
    const journal = await openJournal(file, { forget: values.again ?? false });
    const bar = createProgressBar(terminal);
    const started = performance.now();
    try {
      const report = await importMail(account, source, journal, {
        under: values.folder,
        keepNames: values['keep-names'] ?? false,
        maxBytes: config.values['max-message'],
        onProgress: ({ mailbox, fraction, messages, bytes }) =>
          bar.update(fraction, `${harmless(mailbox)}: ${messages} messages, ${amount(bytes)}`),
        signal,
      });
      bar.end();
      const elapsedMs = performance.now() - started;
      if (json) printJson(terminal, { ...report, elapsedMs: Math.round(elapsedMs) });
      else printReport(terminal, report, elapsedMs);
      return report.refused.length === 0 ? exitCodes.ok : exitCodes.incomplete;
    } catch (error) {
      bar.end();
      terminal.err('the import stopped; the same command goes on from there\n');
      throw error;
    } finally {
      bar.end();
      await journal.close();
      account.release();
      await source.close();
    }
  },
});

async function remotePassword(terminal: Terminal, fromStdin: boolean): Promise<string> {
  if (fromStdin) return (await terminal.readLine(maxPasswordOctets)).toString('utf8');
  if (!terminal.interactive) throw new UsageError('no terminal to ask for the password; give --password-stdin');
  return await terminal.askSecret('Password at the other server: ');
}

function printReport(terminal: Terminal, report: ImportReport, elapsedMs: number): void {
  for (const { path, messages } of report.mailboxes)
    terminal.out(`${String(messages).padStart(8)}  ${harmless(path)}\n`);
  const before = report.before === 0 ? '' : `, ${report.before} were here already`;
  terminal.out(`${report.messages} messages (${amount(report.bytes)}) in ${duration(elapsedMs)}${before}\n`);
  if (report.refused.length === 0) return;
  terminal.out(`\n${report.refused.length} could not be taken:\n`);
  for (const { mailbox, message, why } of report.refused)
    terminal.out(`  ${harmless(`${mailbox}: ${message}: ${why}`)}\n`);
}
