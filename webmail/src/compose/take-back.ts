/** Takes back a message that the server still holds (RFC 8621 7.5, `undoStatus`), and makes it a draft again. */
import type { JmapClient } from '../jmap/client.js';

export interface Takeable {
  readonly submissionId: string;
  readonly emailId: string;
}

/** false: too late, it has left. Rejects with a JmapFailure when nobody answered; asking again is harmless. */
export async function takeBack(
  client: JmapClient,
  { submissionId, emailId }: Takeable,
  { draftsId, sentId }: { readonly draftsId: string; readonly sentId: string },
): Promise<boolean> {
  const cancel = { [submissionId]: { undoStatus: 'canceled' } };
  const answer = await client.call('EmailSubmission/set', { update: cancel }, { repeatable: true }).result;
  if (answer.notUpdated?.[submissionId] != null) return false;
  // Only then: whoever was refused shall find the message among what was sent.
  const patch = { [`mailboxIds/${sentId}`]: null, [`mailboxIds/${draftsId}`]: true, 'keywords/$draft': true };
  await client.call('Email/set', { update: { [emailId]: patch } }, { repeatable: true }).result;
  return true;
}
