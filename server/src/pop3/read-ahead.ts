/**
 * Reads messages for RETR. Programs take them in order, one command at a time: while one goes out the next is read already, if it
 * is not large, so that the client's round trip and the store's take the same time.
 */
import { maxPop3ReadAheadBytes } from '../kernel/limits.js';
import type { Account } from '../mailstore/account.js';
import type { MessageOctets } from '../mailstore/content.js';
import type { MailboxView } from '../mailstore/mailbox.js';

export interface ReadAhead {
  /** undefined: the message is not there any more. */
  read(number: number): Promise<MessageOctets | undefined>;
  close(): void;
}

export function createReadAhead(
  account: Account,
  view: MailboxView,
  indexOf: (number: number) => number | undefined,
): ReadAhead {
  const ending = new AbortController();
  let ahead: { readonly number: number; readonly octets: Promise<MessageOctets | undefined> } | undefined;
  let last = 0;

  const readAt = async (index: number): Promise<MessageOctets | undefined> => {
    for await (const octets of account.readContents(view, [index], ending.signal)) return octets;
    return undefined;
  };

  return {
    async read(number) {
      const index = indexOf(number);
      if (index === undefined) return undefined;
      const waiting = ahead?.number === number ? ahead.octets : undefined;
      ahead = undefined;
      const octets = await (waiting ?? readAt(index));
      // A second message in a row: more will follow.
      const next = indexOf(number + 1);
      if (number === last + 1 && next !== undefined && view.sizeAt(next) <= maxPop3ReadAheadBytes) {
        ahead = { number: number + 1, octets: readAt(next) };
        // Whoever asks for it hears of the failure; nobody may ask.
        ahead.octets.catch(() => undefined);
      }
      last = number;
      return octets;
    },
    close() {
      ahead = undefined;
      ending.abort();
    },
  };
}
