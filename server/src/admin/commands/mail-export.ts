import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { type ExportReport, exportMail } from '../export/export-mail.js';
import { createMaildirWriter } from '../export/maildir-writer.js';
import { createMboxWriter } from '../export/mbox-writer.js';
import { harmless, printJson } from '../listing.js';
import { amount, createProgressBar, duration } from '../progress-bar.js';

const formats = ['maildir++', 'fs', 'mbox'] as const;

export const mailExport = command({
  name: 'mail export',
  takes: ['DIR'],
  summary: 'write the mail of a person into files',
  details: `Every mailbox, bit for bit, with flags, keywords, dates and subscriptions; "mail import" reads them back.
--format maildir++ (the default: .Sent.2025, as Dovecot and Courier keep it), fs (Sent/2025, a Maildir each) or mbox
(Sent/2025.mbox). A Maildir that was exported before gets what is new.`,
  options: {
    user: { type: 'string', value: 'ADDRESS', says: 'whose mail' },
    format: { type: 'string', value: formats.join('|'), says: 'how it is written' },
    folder: { type: 'string', value: 'MAILBOX', says: 'only this mailbox and what is below' },
  },
  examples: ['vaguemestre mail export --user anne.durand /backup/anne'],
  async run({ values, positionals, json, terminal, open, signal }) {
    if (values.user === undefined) throw new UsageError('mail export needs --user ADDRESS');
    const format = formats.find((one) => one === (values.format ?? 'maildir++'));
    if (format === undefined) throw new UsageError(`--format is one of ${formats.join(', ')}`);
    const { people, mailstore } = await open();
    const person = await people.find(values.user);
    const root = resolve(positionals[0] ?? '');
    await mkdir(root, { recursive: true, mode: 0o700 });
    const account = await mailstore.openAccount(person._id, { by: 'export' });
    const writer = format === 'mbox' ? createMboxWriter(root) : createMaildirWriter(root, format);
    const bar = createProgressBar(terminal);
    const started = performance.now();
    try {
      if (values.folder !== undefined && account.mailbox(values.folder) === undefined) {
        throw new UsageError(`${person.address} has no mailbox ${values.folder}`);
      }
      const report = await exportMail(account, writer, {
        folder: values.folder,
        onProgress: (path, fraction, { messages, bytes }) =>
          bar.update(fraction, `${harmless(path)}: ${messages} messages, ${amount(bytes)}`),
        signal,
      });
      bar.end();
      const elapsedMs = Math.round(performance.now() - started);
      const { losses } = writer;
      if (json) printJson(terminal, { ...report, losses, elapsedMs });
      else terminal.out(reportText(report, losses, elapsedMs));
      return losses.length === 0 ? exitCodes.ok : exitCodes.incomplete;
    } finally {
      bar.end();
      account.release();
    }
  },
});

function reportText(report: ExportReport, losses: readonly string[], elapsedMs: number): string {
  const lines = report.mailboxes.map(({ path, messages }) => `${String(messages).padStart(8)}  ${harmless(path)}`);
  const before = report.before === 0 ? '' : `, ${report.before} were there already`;
  const gone = report.gone === 0 ? '' : `, ${report.gone} were deleted meanwhile`;
  lines.push(`${report.messages} messages (${amount(report.bytes)}) in ${duration(elapsedMs)}${before}${gone}`);
  if (losses.length > 0)
    lines.push('', 'What the format could not hold:', ...losses.map((loss) => `  ${harmless(loss)}`));
  return `${lines.join('\n')}\n`;
}
