/** RFC 8621 section 6: identities; section 7: submissions. */
import type { Id, UTCDate } from './core.js';
import type { EmailAddress } from './email.js';
import type { Comparator, PatchObject, SetArguments } from './methods.js';

export interface Identity {
  readonly id: Id;
  readonly name: string;
  readonly email: string;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly bcc: readonly EmailAddress[] | null;
  readonly textSignature: string;
  readonly htmlSignature: string;
  readonly mayDelete: boolean;
}

export interface SubmissionAddress {
  readonly email: string;
  /** Parameters of MAIL FROM or RCPT TO: HOLDFOR, RET ... */
  readonly parameters?: Readonly<Record<string, string | null>> | null;
}

export interface Envelope {
  readonly mailFrom: SubmissionAddress;
  readonly rcptTo: readonly SubmissionAddress[];
}

export interface DeliveryStatus {
  readonly smtpReply: string;
  readonly delivered: 'queued' | 'yes' | 'no' | 'unknown';
  readonly displayed: 'unknown' | 'yes';
}

export interface EmailSubmission {
  readonly id: Id;
  readonly identityId: Id;
  readonly emailId: Id;
  readonly threadId: Id;
  readonly envelope: Envelope | null;
  readonly sendAt: UTCDate;
  /** May be set to `canceled` while `pending`: takes the message back. */
  readonly undoStatus: 'pending' | 'final' | 'canceled';
  readonly deliveryStatus: Readonly<Record<string, DeliveryStatus>> | null;
  readonly dsnBlobIds: readonly Id[];
  readonly mdnBlobIds: readonly Id[];
}

/** Begins the emailId and threadId of what a mail program handed in by SMTP: of that the account has no email to show. */
export const noEmail = 'smtp-';

export const hasEmail = ({ emailId }: Pick<EmailSubmission, 'emailId'>): boolean => !emailId.startsWith(noEmail);

/** RFC 8621 7.3. */
export interface EmailSubmissionFilterCondition {
  readonly identityIds?: readonly Id[];
  readonly emailIds?: readonly Id[];
  readonly threadIds?: readonly Id[];
  readonly undoStatus?: EmailSubmission['undoStatus'];
  readonly before?: UTCDate;
  readonly after?: UTCDate;
}

export type EmailSubmissionComparator = Comparator<'emailId' | 'threadId' | 'sentAt'>;

/** RFC 8621 7.5: ids of submissions, or creation ids with a leading `#`. */
export interface EmailSubmissionSetArguments extends SetArguments<EmailSubmission> {
  readonly onSuccessUpdateEmail?: Readonly<Record<Id, PatchObject>> | null;
  readonly onSuccessDestroyEmail?: readonly Id[] | null;
}
