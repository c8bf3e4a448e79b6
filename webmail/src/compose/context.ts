/** What the composer needs of the page around it. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { Identity } from '@vaguemestre/shared/jmap/submission';
import type { MailStore } from '../jmap/store/mail-store.js';
import type { Sender } from './draft-email.js';
import type { LocalDrafts } from './local-drafts.js';

export interface ComposeContext {
  readonly store: MailStore;
  readonly drafts: LocalDrafts;
  /** The laboratory's mail domain: who is outside it is marked. */
  readonly domain: string;
  /** Octets of a whole message that the server takes. */
  readonly maxMessageOctets: number;
  /** People for the address fields: of the laboratory, and written to before. */
  suggest(what: string, signal: AbortSignal): Promise<readonly EmailAddress[]>;
}

/** The identity a draft is written as: its own, or the first. */
export function identityOf(
  context: Pick<ComposeContext, 'store'>,
  identityId: string | undefined,
): Identity | undefined {
  const all = context.store.identities.all();
  return all.find(({ id }) => id === identityId) ?? all[0];
}

export const isOutside = (email: string, domain: string): boolean => {
  const itsDomain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return itsDomain !== domain && !itsDomain.endsWith(`.${domain}`);
};

export function senderOf({ name, email, replyTo }: Pick<Identity, 'name' | 'email' | 'replyTo'>): Sender {
  return { from: { name: name === '' ? null : name, email }, replyTo };
}
