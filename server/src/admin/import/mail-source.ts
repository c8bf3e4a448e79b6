import type { MailboxRole } from '../../mailstore/mailbox.js';

/** Where mail is taken from: a file, a folder, another server. Mailboxes are walked one after the other, messages in order. */
export interface MailSource {
  /** For messages to the administrator. */
  readonly name: string;
  mailboxes(): Promise<readonly SourceMailbox[]>;
  close(): Promise<void>;
}

export interface SourceMailbox {
  /** Levels from the root; empty for the source's own inbox or single file. */
  readonly path: readonly string[];
  readonly role: MailboxRole | undefined;
  /** Undefined: the source does not say; the mailbox is subscribed to if it has to be made. */
  readonly subscribed: boolean | undefined;
  /** Whatever `progress` counts: messages, or octets of a file. */
  readonly size: number;
  /** Messages that `taken` does not hold. A message that cannot be read is given as `unreadable`, the rest goes on. */
  messages(taken: ReadonlySet<string>, signal: AbortSignal): AsyncIterable<SourceMessage | Unreadable>;
}

export interface SourceMessage {
  readonly kind: 'message';
  /** The same message has the same key when the source is read again. */
  readonly key: string;
  readonly flags: readonly string[];
  /** INTERNALDATE, seconds since 1970. */
  readonly date: number | undefined;
  /** How far `size` of the mailbox is done once this message is. */
  readonly progress: number;
  /** Read to its end, or not at all, before the next message is asked for. */
  octets(): AsyncIterable<Uint8Array>;
}

export interface Unreadable {
  readonly kind: 'unreadable';
  readonly key: string;
  readonly progress: number;
  readonly why: string;
}

/** The names under which mail programs keep the special mailboxes, for sources that do not say which is which. */
const usualNames: readonly (readonly [MailboxRole, string])[] = [
  ['sent', 'sent,sent items,sent messages,sent mail,envoyés,éléments envoyés,messages envoyés,courrier envoyé'],
  ['drafts', 'drafts,draft,brouillons,brouillon'],
  ['trash', 'trash,deleted items,deleted messages,corbeille,éléments supprimés,messages supprimés'],
  ['junk', 'junk,junk mail,junk e-mail,spam,indésirables,courrier indésirable,pourriel'],
  ['archive', 'archive,archives'],
];

export function roleOfName(path: readonly string[]): MailboxRole | undefined {
  const name = path[0]?.toLowerCase();
  if (path.length !== 1 || name === undefined) return undefined;
  if (name === 'inbox') return 'inbox';
  return usualNames.find(([, names]) => names.split(',').includes(name))?.[0];
}
