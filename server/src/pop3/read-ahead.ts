/**
 * Reads messages for RETR. Programs take them in order, one command at a time: so the next ones are read together while one goes
 * out, as many as a bound of octets allows, and neither the client's round trip nor the store's is waited for each time.
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

/** Messages of one read: small ones are many to the bound of octets. */
const maxAhead = 32;

interface Batch {
  readonly first: number;
  readonly count: number;
  /** By place in the batch. */
  readonly octets: Promise<readonly (MessageOctets | undefined)[]>;
}

/** `indexOf` gives undefined behind the last message. */
export function createReadAhead(
  account: Account,
  view: MailboxView,
  indexOf: (number: number) => number | undefined,
): ReadAhead {
  const ending = new AbortController();
  let ahead: Batch | undefined;
  let last = 0;

  const readAt = async (indexes: readonly number[]): Promise<readonly (MessageOctets | undefined)[]> => {
    const found = new Array<MessageOctets | undefined>(indexes.length);
    // The index of what is read is its position in the list; what went is left out.
    for await (const octets of account.readContents(view, indexes, ending.signal)) found[octets.index] = octets;
    return found;
  };

  const begin = (first: number): Batch | undefined => {
    const indexes: number[] = [];
    let bytes = 0;
    for (let number = first; indexes.length < maxAhead; number++) {
      const index = indexOf(number);
      if (index === undefined) break;
      bytes += view.sizeAt(index);
      if (bytes > maxPop3ReadAheadBytes) break;
      indexes.push(index);
    }
    if (indexes.length === 0) return undefined;
    const octets = readAt(indexes);
    // Whoever asks for one of them hears of the failure; nobody may ask.
    octets.catch(() => undefined);
    return { first, count: indexes.length, octets };
  };

  const holds = (batch: Batch | undefined, number: number): batch is Batch =>
    batch !== undefined && number >= batch.first && number < batch.first + batch.count;

  return {
    async read(number) {
      const index = indexOf(number);
      if (index === undefined) return undefined;
      const batch = holds(ahead, number) ? ahead : undefined;
      const octets = batch === undefined ? (await readAt([index]))[0] : (await batch.octets)[number - batch.first];
      // A second message in a row: more will follow.
      const next = number + 1;
      if (number === last + 1) {
        if (!holds(ahead, next)) ahead = begin(next);
      } else ahead = undefined;
      last = number;
      return octets;
    },
    close() {
      ahead = undefined;
      ending.abort();
    },
  };
}
