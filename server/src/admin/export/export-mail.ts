import type { Account } from '../../mailstore/account.js';
import type { MessageOctets } from '../../mailstore/content.js';
import { type FlagWords, systemFlags } from '../../mailstore/flags.js';
import type { MailboxInfo, MailboxView } from '../../mailstore/mailbox.js';

/**
 * Writes the mail of an account into files, bit for bit, with flags, keywords, dates and subscriptions. One mailbox after
 * the other, each as it stood when it was opened; messages stream from the store to the file.
 */
export interface MailWriter {
  /** Undefined: the writer has this message already (an export that was run before). */
  begin(mailbox: MailboxInfo, known: KnownMessage): Promise<MessageWriter | undefined>;
  /** Every message of the mailbox was written. */
  endMailbox(mailbox: MailboxInfo): Promise<void>;
  end(subscriptions: readonly string[]): Promise<void>;
  /** What the format could not hold, one sentence each. */
  readonly losses: readonly string[];
}

export interface KnownMessage {
  readonly uid: number;
  readonly date: number;
  readonly size: number;
  readonly flags: readonly string[];
  readonly octets: MessageOctets;
}

export interface MessageWriter {
  write(octets: Uint8Array): Promise<void>;
  /** Puts it in its place; without it, nothing is there. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface ExportReport {
  readonly mailboxes: { readonly path: string; readonly messages: number }[];
  messages: number;
  bytes: number;
  before: number;
  /** Expunged while the export ran. */
  gone: number;
}

export interface ExportOptions {
  /** Only this mailbox and what is below. */
  readonly folder: string | undefined;
  readonly onProgress: (mailbox: string, fraction: number, report: ExportReport) => void;
  readonly signal: AbortSignal;
}

export async function exportMail(account: Account, writer: MailWriter, options: ExportOptions): Promise<ExportReport> {
  const { folder, signal } = options;
  await account.refresh(signal);
  const report: ExportReport = { mailboxes: [], messages: 0, bytes: 0, before: 0, gone: 0 };
  const wanted = account
    .mailboxes()
    .filter(({ path }) => folder === undefined || path === folder || path.startsWith(`${folder}/`));
  const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0) || 1;
  let done = 0;
  for (const mailbox of wanted) {
    const before = report.messages + report.before;
    const cursor = await account.open(mailbox.id, signal);
    try {
      const { view } = cursor;
      await view.load(['size', 'date'], signal);
      const indexes = Uint32Array.from({ length: view.count }, (_, i) => i);
      for await (const octets of account.readContents(view, indexes, signal)) {
        signal.throwIfAborted();
        const size = await exportOne(account, mailbox, view, octets, writer, report);
        done += size;
        options.onProgress(mailbox.path, Math.min(1, done / total), report);
      }
      report.gone += view.count - (report.messages + report.before - before);
    } finally {
      cursor.close();
    }
    await writer.endMailbox(mailbox);
    report.mailboxes.push({ path: mailbox.path, messages: report.messages + report.before - before });
  }
  await writer.end(account.subscriptions());
  return report;
}

async function exportOne(
  account: Account,
  mailbox: MailboxInfo,
  view: MailboxView,
  octets: MessageOctets,
  writer: MailWriter,
  report: ExportReport,
): Promise<number> {
  // `index` is the position in the list that was asked for, which is the whole view.
  const { index, size } = octets;
  const uid = view.uid[index] ?? 0;
  const flags = flagNames(view.flagsAt(index), account.keywords);
  const message = await writer.begin(mailbox, { uid, date: view.dateAt(index), size, flags, octets });
  if (message === undefined) {
    report.before++;
    return size;
  }
  try {
    if (octets.prefix.length > 0) await message.write(octets.prefix);
    await message.write(octets.first);
    for await (const piece of octets.rest()) await message.write(piece);
    await message.commit();
  } catch (error) {
    await message.abort();
    throw error;
  }
  report.messages++;
  report.bytes += size;
  return size;
}

export function flagNames(words: FlagWords, keywords: readonly string[]): string[] {
  const names: string[] = [];
  const has = (bit: number): boolean => (((words[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  for (const [bit, flag] of systemFlags.entries()) if (has(bit)) names.push(flag);
  for (const [i, keyword] of keywords.entries()) if (has(systemFlags.length + i)) names.push(keyword);
  return names;
}
