import { noEmail } from '@vaguemestre/shared/jmap/submission';
import type {
  EnvelopeDocument,
  ParameterDocument,
  RecipientDocument,
  SubmissionDocument,
  SubmissionOutline,
} from '../database/submissions.js';
import { submissionId } from '../database/submissions.js';
import type { AccountId } from '../kernel/ids.js';

/** What somebody hands in to be sent. */
export interface NewSubmission {
  readonly account: AccountId;
  /** 24 hex digits; the same message handed in again under its id is one submission. Otherwise one is made. */
  readonly id?: string;
  /** Empty, and so is the thread: a mail program handed it in, and no email of the account is it. */
  readonly emailId: string;
  readonly threadId: string;
  readonly identityId: string;
  readonly envelope: EnvelopeDocument;
  readonly recipients: readonly NewRecipient[];
  /** Wall clock; in the past: now. */
  readonly notBeforeMs: number;
  readonly lang: 'fr' | 'en';
  /** The service wrote it in somebody's name: nobody asks for it. */
  readonly unlisted?: true;
}

export type NewRecipient = Pick<RecipientDocument, 'address' | 'parameters' | 'orcpt' | 'notify'>;

/** A submission as its sender sees it. */
export interface Submission extends SubmissionSummary {
  readonly from: string;
  readonly fromParameters: ParameterDocument | undefined;
  readonly recipients: readonly RecipientDocument[];
}

/** What it is found by. */
export interface SubmissionSummary {
  readonly id: string;
  readonly emailId: string;
  readonly threadId: string;
  readonly identityId: string;
  readonly sendAt: Date;
  readonly undoStatus: UndoStatus;
}

/** RFC 8621 7. */
export type UndoStatus = 'pending' | 'final' | 'canceled';

export function submissionOf(document: SubmissionDocument): Submission {
  return {
    ...summaryOf(document),
    from: document.envelope.from,
    fromParameters: document.envelope.parameters,
    recipients: document.rcpt,
  };
}

export function summaryOf(document: SubmissionOutline): SubmissionSummary {
  const id = submissionId(document);
  return {
    id,
    // RFC 8621 7 asks for both: ids that name nothing.
    emailId: document.emailId || `${noEmail}${id}`,
    threadId: document.threadId || `${noEmail}${id}`,
    identityId: document.identityId,
    sendAt: document.notBefore,
    undoStatus: undoStatus(document),
  };
}

/** `final` once it is known that it cannot be taken back; a dispatcher that has it in hand may still give it back. */
function undoStatus({ state, rcpt }: Pick<SubmissionOutline, 'state' | 'rcpt'>): UndoStatus {
  if (state === 'cancelled') return 'canceled';
  if (state === 'done' || rcpt.some((one) => one.state === 'sent' || one.doubt !== undefined)) return 'final';
  return 'pending';
}
