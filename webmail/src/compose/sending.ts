/**
 * A message on its way: made and submitted in one request, held on the server for a while, taken back if the writer says so.
 * On failure the draft is as it was, and the error says why.
 */
import { JmapFailure } from '../jmap/failure.js';
import { type ComposeContext, identityOf, senderOf } from './context.js';
import type { Draft } from './draft.js';
import { afterSending, messageKey, type SendPlaces, type SendWhen, sendCalls, sendingKey } from './send-calls.js';
import { takeBack } from './take-back.js';

/** Held longer than the way back is shown: a late click still wins. */
export const heldLongerSeconds = 5;

export interface Sending {
  readonly submissionId: string;
  /** Of the message as it was submitted. */
  readonly emailId: string;
  /** false: too late, it has left. */
  takeBack(): Promise<boolean>;
}

export class SendRefused extends Error {}

/** What sending needs of it: a store, and where the local copy goes from. */
export type SendContext = Pick<ComposeContext, 'store'> & { readonly drafts: Pick<ComposeContext['drafts'], 'remove'> };

/** Rejects with SendRefused in the server's words, or with the JmapFailure of a call that nobody answered. */
export async function sendDraft(context: SendContext, draft: Draft, when: SendWhen): Promise<Sending> {
  const { client } = context.store;
  const identity = identityOf(context, draft.identityId);
  const draftsBox = context.store.mailboxOf('drafts');
  const sentBox = context.store.mailboxOf('sent');
  if (identity === undefined || draftsBox === undefined || sentBox === undefined) {
    throw new JmapFailure('offline', 'offline', 'nothing is known of the mailbox yet');
  }
  const places: SendPlaces = { identityId: identity.id, draftsId: draftsBox.id, sentId: sentBox.id };
  const calls = sendCalls(draft, senderOf(identity), places, when);
  const making = client.call('Email/set', calls.email);
  const submitting = client.call('EmailSubmission/set', calls.submission);
  const made = await making.result;
  const emailId = made.created?.[messageKey]?.id;
  if (emailId === undefined) throw new SendRefused(made.notCreated?.[messageKey]?.description ?? 'invalidEmail');
  const submitted = await submitting.result;
  const submissionId = submitted.created?.[sendingKey]?.id;
  if (submissionId === undefined) {
    await client.call('Email/set', { destroy: [emailId] }).result.catch(() => undefined);
    throw new SendRefused(submitted.notCreated?.[sendingKey]?.description ?? 'forbiddenToSend');
  }
  await cleanUp(context, draft);
  return {
    submissionId,
    emailId,
    takeBack: () => takeBack(client, { submissionId, emailId }, places),
  };
}

/** It has left already: what fails here is a leftover copy or a missing mark, not a lost message. */
async function cleanUp(context: SendContext, draft: Draft): Promise<void> {
  const rest = afterSending(draft);
  if (rest !== undefined)
    await context.store.client.call('Email/set', rest, { repeatable: true }).result.catch(() => undefined);
  await context.drafts.remove(draft.key).catch(() => undefined);
}
