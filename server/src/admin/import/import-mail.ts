import { MailError } from '../../kernel/errors.js';
import type { Account, AppendItem } from '../../mailstore/account.js';
import { systemFlags } from '../../mailstore/flags.js';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import type { ImportJournal, Intent } from './import-journal.js';
import type { MailSource, SourceMailbox, SourceMessage } from './mail-source.js';
import { ensureMailbox, type TargetOptions, targetPath } from './target-mailbox.js';

/**
 * Takes mail from a source into an account: all mailboxes, messages bit for bit (a lone LF becomes CRLF), flags, dates,
 * subscriptions. Messages go in batches of one log entry each. What cannot be taken is reported and the rest goes on; an
 * account that is full, a store that is away or an interruption ends the import at a whole batch, and the same command
 * goes on from there.
 */
export interface ImportOptions extends TargetOptions {
  readonly maxBytes: number;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly signal: AbortSignal;
}

export interface ImportProgress {
  readonly mailbox: string;
  /** 0 to 1, of everything. */
  readonly fraction: number;
  readonly messages: number;
  readonly bytes: number;
}

export interface ImportReport {
  readonly mailboxes: { readonly path: string; readonly messages: number }[];
  messages: number;
  bytes: number;
  /** Were here from an earlier run. */
  before: number;
  readonly refused: { readonly mailbox: string; readonly message: string; readonly why: string }[];
}

const maxBatchMessages = 100;
const maxBatchBytes = 4 * 1024 * 1024;

interface Staged {
  readonly key: string;
  readonly item: AppendItem;
}

export async function importMail(
  account: Account,
  source: MailSource,
  journal: ImportJournal,
  options: ImportOptions,
): Promise<ImportReport> {
  const report: ImportReport = { mailboxes: [], messages: 0, bytes: 0, before: 0, refused: [] };
  await resolveUnknown(account, journal);
  const mailboxes = await source.mailboxes();
  const total = mailboxes.reduce((sum, one) => sum + one.size, 0) || 1;
  let before = 0;
  for (const mailbox of mailboxes) {
    const path = targetPath(account, mailbox, options);
    const messagesBefore = report.messages;
    const started = before;
    try {
      await importMailbox(account, mailbox, path, journal, options, report, (progress) => {
        const fraction = Math.min(1, (started + progress) / total);
        options.onProgress({ mailbox: path, fraction, messages: report.messages, bytes: report.bytes });
      });
    } catch (error) {
      // A name that cannot be here, say: the other mailboxes go on.
      if (!(error instanceof MailError) || endsImport(error)) throw error;
      report.refused.push({ mailbox: path, message: 'the whole mailbox', why: error.public });
    }
    report.mailboxes.push({ path, messages: report.messages - messagesBefore });
    before += mailbox.size;
  }
  return report;
}

async function importMailbox(
  account: Account,
  mailbox: SourceMailbox,
  path: string,
  journal: ImportJournal,
  options: ImportOptions,
  report: ImportReport,
  onProgress: (progress: number) => void,
): Promise<void> {
  const from = mailbox.path.join('/');
  const taken = journal.taken(from);
  report.before += taken.size;
  const target = await ensureMailbox(account, path, mailbox);
  let batch: Staged[] = [];
  let bytes = 0;
  // One batch is committed while the next is read; never two at a time, so that the journal tells of one at most.
  let committing: Promise<void> = Promise.resolve();
  const commit = async (): Promise<void> => {
    await committing;
    if (batch.length === 0) return;
    const [items, size] = [batch, bytes];
    batch = [];
    bytes = 0;
    committing = commitBatch(account, target, from, items, journal).then(() => {
      report.messages += items.length;
      report.bytes += size;
    });
    // Seen by whoever awaits it next; until then it must not count as unhandled.
    committing.catch(() => undefined);
  };
  try {
    for await (const message of mailbox.messages(taken, options.signal)) {
      options.signal.throwIfAborted();
      if (message.kind === 'unreadable') {
        report.refused.push({ mailbox: path, message: message.key, why: message.why });
        continue;
      }
      try {
        const item = await stage(account, message, options.maxBytes);
        batch.push({ key: message.key, item });
        bytes += item.message.size;
      } catch (error) {
        if (options.signal.aborted || (error instanceof MailError && endsImport(error))) throw error;
        const why = error instanceof MailError ? error.public : error instanceof Error ? error.message : String(error);
        report.refused.push({ mailbox: path, message: message.key, why });
        continue;
      }
      if (batch.length >= maxBatchMessages || bytes >= maxBatchBytes) await commit();
      onProgress(message.progress);
    }
    await commit();
    await committing;
  } finally {
    // Whoever ends the import closes journal and account next: the batch under way is brought to its end first.
    await committing.catch(() => undefined);
  }
  onProgress(mailbox.size);
}

async function stage(account: Account, message: SourceMessage, maxBytes: number): Promise<AppendItem> {
  const incoming = account.receive({ maxBytes });
  try {
    for await (const octets of message.octets()) await incoming.write(octets);
    const staged = await incoming.finish();
    const { date } = message;
    const flags = usableFlags(message.flags);
    return { message: staged, flags, ...(date !== undefined && date >= 0 && date < 2 ** 32 && { date }) };
  } catch (error) {
    incoming.abort();
    throw error;
  }
}

async function commitBatch(
  account: Account,
  target: MailboxInfo,
  from: string,
  batch: readonly Staged[],
  journal: ImportJournal,
): Promise<void> {
  await account.refresh();
  const uidNext = account.mailbox(target.path)?.uidNext ?? 1;
  const keys = batch.map(({ key }) => key);
  const intent: Intent = {
    target: target.path,
    from,
    keys,
    uidNext,
    sizes: batch.map(({ item }) => item.message.size),
  };
  await journal.intend(intent);
  try {
    await account.append(
      target.id,
      batch.map(({ item }) => item),
    );
  } catch (error) {
    // Refused for certain; of an outcome that is unknown the mailbox will tell, next time.
    if (error instanceof MailError && error.code !== 'unavailable') await journal.dropped();
    throw error;
  }
  await journal.done(intent);
}

/**
 * The process was killed between a batch and the line that says so. One batch is one log entry, hence consecutive UIDs at or
 * after the UIDNEXT before it: if a run of messages of these sizes stands there, the batch is in.
 */
async function resolveUnknown(account: Account, journal: ImportJournal): Promise<void> {
  const intent = journal.unresolved;
  if (intent === undefined) return;
  await account.refresh();
  const info = account.mailbox(intent.target);
  if (info !== undefined && (await holdsRun(account, info, intent))) await journal.done(intent);
  else await journal.dropped();
}

async function holdsRun(account: Account, info: MailboxInfo, intent: Intent): Promise<boolean> {
  const cursor = await account.open(info.id);
  try {
    const { view } = cursor;
    await view.load(['size']);
    for (let start = view.lowerBound(intent.uidNext); start + intent.sizes.length <= view.count; start++) {
      if (intent.sizes.every((size, i) => view.sizeAt(start + i) === size)) return true;
    }
    return false;
  } finally {
    cursor.close();
  }
}

/** Conditions of the account or the store, not of one message or mailbox. */
function endsImport(error: MailError): boolean {
  return error.temporary || error.code === 'overQuota' || error.code === 'internal';
}

/** RFC 9051 9: a keyword is an atom. What other systems allow besides, and \Recent, is left out. */
function usableFlags(flags: readonly string[]): string[] {
  const usable = new Map<string, string>();
  for (const flag of flags) {
    const system = systemFlags.find((one) => one.toLowerCase() === flag.toLowerCase());
    if (system !== undefined) usable.set(system, system);
    else if (/^[\x21\x23\x24\x26\x27\x2b-\x5b\x5e-\x7a\x7c\x7e]{1,100}$/.test(flag))
      usable.set(flag.toLowerCase(), flag);
  }
  return [...usable.values()];
}
