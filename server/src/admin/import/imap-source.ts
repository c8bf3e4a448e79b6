import { type FetchMessageObject, ImapFlow, type ListResponse } from 'imapflow';
import { MailError } from '../../kernel/errors.js';
import type { MailboxRole } from '../../mailstore/mailbox.js';
import { type MailSource, roleOfName, type SourceMailbox, type SourceMessage, type Unreadable } from './mail-source.js';

/**
 * Another server, over IMAP: all its mailboxes but those that only show others' messages (\All, \Flagged, \Important of
 * Gmail), flags, keywords, INTERNALDATE, special use, subscriptions. Messages are read with BODY.PEEK, many small ones to a
 * command and large ones in pieces, so that nothing is marked as read there and no large message is held in memory here.
 */
export interface ImapSourceOptions {
  readonly url: URL;
  readonly password: string;
  /** A certificate that no authority signed is accepted. */
  readonly insecure: boolean;
}

interface RemoteMessage {
  readonly uid: number;
  readonly size: number;
  readonly flags: readonly string[];
  readonly date: number | undefined;
}

const listAtOnce = 2_000;
const groupBytes = 4 * 1024 * 1024;
const groupMessages = 100;
const pieceBytes = 4 * 1024 * 1024;

const rolesOfUse: Readonly<Record<string, MailboxRole>> = {
  '\\Inbox': 'inbox',
  '\\Archive': 'archive',
  '\\Drafts': 'drafts',
  '\\Junk': 'junk',
  '\\Sent': 'sent',
  '\\Trash': 'trash',
};
/** Their messages lie in other mailboxes as well: taking them would take everything twice. */
const views = new Set(['\\All', '\\Flagged', '\\Important']);

export async function connectImapSource(options: ImapSourceOptions): Promise<MailSource> {
  const { url } = options;
  const secure = url.protocol === 'imaps:';
  const client = new ImapFlow({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 993 : 143) : Number(url.port),
    secure,
    auth: { user: decodeURIComponent(url.username), pass: options.password },
    logger: false,
    disableAutoIdle: true,
    tls: { rejectUnauthorized: !options.insecure },
  });
  // Failures come back from the call under way; without a listener they would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectFailure(url, error);
  }
  return {
    name: `${url.protocol}//${url.username}@${url.host}`,
    async mailboxes() {
      const all = await client.list({ statusQuery: { messages: true } });
      return all.filter((one) => !one.flags.has('\\Noselect') && !isView(one)).map((one) => remoteMailbox(client, one));
    },
    async close() {
      await client.logout().catch(() => client.close());
    },
  };
}

const isView = (one: ListResponse): boolean => [...one.flags, one.specialUse ?? ''].some((flag) => views.has(flag));

function remoteMailbox(client: ImapFlow, one: ListResponse): SourceMailbox {
  const path = one.path.toUpperCase() === 'INBOX' ? [] : one.path.split(one.delimiter || '\0');
  // Servers that keep everything below INBOX mean the top level.
  const bare = path[0]?.toUpperCase() === 'INBOX' ? path.slice(1) : path;
  return {
    path: bare,
    role: rolesOfUse[one.specialUse ?? ''] ?? roleOfName(bare),
    subscribed: one.subscribed,
    size: one.status?.messages ?? 0,
    messages: (taken, signal) => read(client, one.path, taken, signal),
  };
}

async function* read(
  client: ImapFlow,
  path: string,
  taken: ReadonlySet<string>,
  signal: AbortSignal,
): AsyncGenerator<SourceMessage | Unreadable> {
  const lock = await client.getMailboxLock(path, { readOnly: true });
  try {
    const mailbox = client.mailbox;
    if (mailbox === false || mailbox.exists === 0) return;
    const validity = String(mailbox.uidValidity);
    for (let first = 1; first <= mailbox.exists; first += listAtOnce) {
      const listed = await list(client, `${first}:${Math.min(mailbox.exists, first + listAtOnce - 1)}`);
      const wanted = listed.map((message, i) => ({ ...message, progress: first + i }));
      const fresh = wanted.filter(({ uid }) => !taken.has(`${validity}.${uid}`));
      for (const group of grouped(fresh)) {
        signal.throwIfAborted();
        const sources = await fetchGroup(client, group);
        for (const message of group) {
          const key = `${validity}.${message.uid}`;
          const { flags, date, progress } = message;
          const whole = sources.get(message.uid);
          if (whole === undefined && group.length > 1) {
            yield { kind: 'unreadable', key, progress, why: 'the server did not give it' };
            continue;
          }
          const octets = async function* (): AsyncGenerator<Uint8Array> {
            if (whole !== undefined) yield whole;
            else yield* fetchPieces(client, message, signal);
          };
          yield { kind: 'message', key, flags, date, progress, octets };
        }
      }
    }
  } finally {
    lock.release();
  }
}

async function list(client: ImapFlow, range: string): Promise<RemoteMessage[]> {
  const messages = await client.fetchAll(range, { uid: true, flags: true, internalDate: true, size: true });
  return messages.map(({ uid, size = 0, flags, internalDate }: FetchMessageObject) => ({
    uid,
    size,
    flags: [...(flags ?? [])],
    date: internalDate === undefined ? undefined : Math.floor(new Date(internalDate).getTime() / 1000),
  }));
}

/** Consecutive messages up to 4 MB together; a larger one is a group by itself. */
function* grouped<T extends RemoteMessage>(messages: readonly T[]): Generator<T[]> {
  let group: T[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (group.length > 0 && (bytes + message.size > groupBytes || group.length === groupMessages)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(message);
    bytes += message.size;
  }
  if (group.length > 0) yield group;
}

async function fetchGroup(client: ImapFlow, group: readonly RemoteMessage[]): Promise<ReadonlyMap<number, Buffer>> {
  const sources = new Map<number, Buffer>();
  if (group.length === 1 && (group[0]?.size ?? 0) > groupBytes) return sources;
  const uids = group.map(({ uid }) => uid).join(',');
  for (const { uid, source } of await client.fetchAll(uids, { uid: true, source: true }, { uid: true })) {
    if (source !== undefined) sources.set(uid, source);
  }
  return sources;
}

async function* fetchPieces(client: ImapFlow, message: RemoteMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let start = 0; ; start += pieceBytes) {
    signal.throwIfAborted();
    const query = { source: { start, maxLength: pieceBytes } };
    const piece = await client.fetchOne(String(message.uid), query, { uid: true });
    const octets = piece === false ? undefined : piece.source;
    if (octets === undefined && start === 0) throw new MailError('nonexistent', 'the server did not give it');
    if (octets === undefined || octets.length === 0) return;
    yield octets;
    if (octets.length < pieceBytes) return;
  }
}

function connectFailure(url: URL, error: unknown): MailError {
  const failure = error as { readonly authenticationFailed?: boolean; readonly responseText?: string; code?: string };
  if (failure.authenticationFailed === true) {
    const said = failure.responseText === undefined ? '' : `: ${failure.responseText.slice(0, 200)}`;
    return new MailError('authenticationFailed', `${url.host} refuses the login${said}`, { cause: error });
  }
  const why = error instanceof Error ? error.message : String(error);
  const hint = /certificate|self.signed/i.test(why) ? ' (--insecure accepts it)' : '';
  return new MailError('unavailable', `${url.host} cannot be reached: ${why}${hint}`, { cause: error });
}
