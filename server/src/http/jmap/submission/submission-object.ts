/** A submission as JMAP shows it (RFC 8621 7). */
import type { DeliveryStatus, EmailSubmission, SubmissionAddress } from '@vaguemestre/shared/jmap/submission';
import type { ParameterDocument, RecipientDocument } from '../../../database/submissions.js';
import type { Submission } from '../../../outbox/submission.js';
import { utcDate } from '../values.js';

export const submissionProperties = [
  'id',
  'identityId',
  'emailId',
  'threadId',
  'envelope',
  'sendAt',
  'undoStatus',
  'deliveryStatus',
  'dsnBlobIds',
  'mdnBlobIds',
] as const satisfies readonly (keyof EmailSubmission)[];

export function submissionObject(submission: Submission): EmailSubmission & Record<string, unknown> {
  return {
    id: submission.id,
    identityId: submission.identityId,
    emailId: submission.emailId,
    threadId: submission.threadId,
    envelope: {
      mailFrom: addressObject(submission.from, submission.fromParameters),
      rcptTo: submission.recipients.map(({ address, parameters }) => addressObject(address, parameters)),
    },
    sendAt: utcDate(submission.sendAt.getTime()),
    undoStatus: submission.undoStatus,
    deliveryStatus: Object.fromEntries(
      submission.recipients.map((recipient) => [recipient.address, deliveryStatus(recipient)]),
    ),
    dsnBlobIds: [],
    mdnBlobIds: [],
  };
}

function addressObject(email: string, parameters: ParameterDocument | undefined): SubmissionAddress {
  return { email, parameters: parameters ?? null };
}

const notTried = '250 2.0.0 Accepted, not sent yet';

function deliveryStatus({ state, reply = notTried }: RecipientDocument): DeliveryStatus {
  return { smtpReply: reply, delivered: delivered(state, reply), displayed: 'unknown' };
}

function delivered(state: RecipientDocument['state'], reply: string): DeliveryStatus['delivered'] {
  switch (state) {
    case 'queued':
    case 'held':
      return 'queued';
    case 'failed':
      return 'no';
    case 'sent':
      // RFC 8621 7: a relay that took it says nothing of the mailbox; ours does.
      return reply.startsWith('250 2.1.5 ') ? 'yes' : 'unknown';
    default:
      return state satisfies never;
  }
}
