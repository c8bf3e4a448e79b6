/** A short message in the reader's name, sent without a composer: what the reader said yes to elsewhere on the page. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { MailStore } from '../jmap/store/mail-store.js';
import { emptyDraft } from './draft.js';
import { type Sending, sendDraft } from './sending.js';

export interface QuietMessage {
  readonly to: readonly EmailAddress[];
  readonly subject: string;
  readonly text: string;
  /** The address it is sent from, if it is one of the reader's. */
  readonly from: string | undefined;
}

/** It was asked for already; it can still be taken back from the message in Sent. */
const heldSeconds = 20;

/** Rejects as `sendDraft` does. */
export function sendQuietly(store: MailStore, { to, subject, text, from }: QuietMessage): Promise<Sending> {
  const identity = store.identities.all().find(({ email }) => email.toLowerCase() === from?.toLowerCase());
  const draft = { ...emptyDraft(crypto.randomUUID(), 'plain'), to, subject, text, identityId: identity?.id };
  return sendDraft({ store, drafts: { remove: async () => {} } }, draft, { holdSeconds: heldSeconds });
}
