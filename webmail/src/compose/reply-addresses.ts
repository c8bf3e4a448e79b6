/**
 * To whom an answer goes (RFC 5322 section 3.6.3). Reply-To is asked for by the author, so it wins over From; who answers
 * his own message writes to the people he wrote to; nobody is named twice, and the writer himself never.
 */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';

export interface AnsweredMessage {
  readonly from: readonly EmailAddress[] | null;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly to: readonly EmailAddress[] | null;
  readonly cc: readonly EmailAddress[] | null;
}

export interface AnswerAddresses {
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
}

/** `mine`: every address that is the writer's own; case is ignored. */
export function replyAddresses(message: AnsweredMessage, mine: readonly string[], all: boolean): AnswerAddresses {
  const own = new Set(mine.map(key));
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
  const to = take(target);
  const more = all && !wroteIt ? take(message.to ?? []) : [];
  const cc = all ? take(message.cc ?? []) : [];
  // A note to oneself is answered to oneself; when only copies are left, one of them is better than nobody.
  if (to.length === 0 && more.length === 0 && cc.length === 0) return { to: target.slice(0, 1), cc: [] };
  return { to: [...to, ...more], cc };
}

function key(address: string): string {
  return address.trim().toLowerCase();
}
