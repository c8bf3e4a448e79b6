/**
 * To whom an answer goes (RFC 5322 section 3.6.3). Reply-To is asked for by the author, so it wins over From; who answers
 * his own message writes to the people he wrote to; nobody is named twice, and the writer himself never.
 */
import { isAddress } from '@vaguemestre/shared/address-list';
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';

export type ReplyTo = 'author' | 'all' | 'list';

export interface AnsweredMessage {
  readonly from: readonly EmailAddress[] | null;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly to: readonly EmailAddress[] | null;
  readonly cc: readonly EmailAddress[] | null;
  /** Where the author wants answers to everybody: honoured where many programs that write to lists put it. */
  readonly followUpTo: readonly EmailAddress[] | null;
  /** The address of the list it came through. */
  readonly list: string | undefined;
}

export interface AnswerAddresses {
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
}

/** `mine`: every address that is the writer's own; case is ignored. */
export function replyAddresses(message: AnsweredMessage, mine: readonly string[], whom: ReplyTo): AnswerAddresses {
  const own = new Set(mine.map(key));
  const all = whom === 'all';
  if (whom === 'list' && message.list !== undefined) return { to: [{ name: null, email: message.list }], cc: [] };
  const wroteIt = (message.from ?? []).some(({ email }) => own.has(key(email)));
  const asked = message.replyTo?.length ? message.replyTo : (message.from ?? []);
  const target = wroteIt ? (message.to ?? []) : asked;
  const taken = new Set<string>();
  const take = (addresses: readonly EmailAddress[]): EmailAddress[] =>
    addresses.filter(({ email }) => {
      const one = key(email);
      if (own.has(one) || taken.has(one)) return false;
      taken.add(one);
      return true;
    });
  if (all && !wroteIt && message.followUpTo?.length) {
    const asked = take(message.followUpTo);
    if (asked.length > 0) return { to: asked, cc: [] };
  }
  const to = take(target);
  const more = all && !wroteIt ? take(message.to ?? []) : [];
  const cc = all ? take(message.cc ?? []) : [];
  // A note to oneself is answered to oneself; when only copies are left, one of them is better than nobody.
  if (to.length === 0 && more.length === 0 && cc.length === 0) return { to: target.slice(0, 1), cc: [] };
  return { to: [...to, ...more], cc };
}

/** RFC 2369 3.4: `List-Post: <mailto:list@labo.example>`, or NO where nobody may write. */
export function listAddress(posts: readonly string[] | null | undefined): string | undefined {
  for (const post of posts ?? []) {
    const found = /^mailto:([^?]{3,320})/i.exec(post);
    if (found === null) continue;
    try {
      const address = decodeURIComponent(found[1]!);
      if (isAddress(address)) return address;
    } catch {
      // Not percent-encoded as it should be: no address.
    }
  }
  return undefined;
}

function key(address: string): string {
  return address.trim().toLowerCase();
}
