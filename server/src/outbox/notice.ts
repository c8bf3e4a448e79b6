/**
 * Delivery status notifications (RFC 3464): what the sender is told of recipients that did not get the message, or not yet, or did when
 * that was asked for (RFC 3461 6). The octets follow from the submission alone: made a second time, after a crash, they are the same, and
 * the store knows the notice again.
 *
 * A notice goes from `<>`, straight to the sender's mailbox and never through the outbox: no notice of a notice can come of it.
 */
import { createHash } from 'node:crypto';
import { recipientStatus } from '../codec/smtp/delivery-status.js';
import type { RecipientDocument, SubmissionDocument } from '../database/submissions.js';
import { submissionId } from '../database/submissions.js';
import { noticeText } from './notice-text.js';
import { giveUpMs } from './progress.js';
import { quotedHeader, reportOctets } from './report.js';

export interface Notice {
  /** Of this notice, the same whenever it is made. */
  readonly id: string;
  octets(): AsyncIterable<Uint8Array>;
}

/** RFC 3461 4.3: the whole message goes back when the sender asked for it; nobody asked for two mailboxes full of it. */
export const maxReturnedBytes = 5 * 1024 * 1024;

/** `original` is read when the notice is; recipients to tell of are those of `submission` with `tell`. */
export function makeNotice(
  submission: SubmissionDocument,
  original: () => AsyncIterable<Uint8Array>,
  hostname: string,
): Notice {
  const told = submission.rcpt.filter(({ tell }) => tell !== undefined);
  const date = new Date(Math.max(...told.map(({ at }) => at?.getTime() ?? 0)));
  const digest = createHash('sha256').update(submission._id);
  for (const { address, tell } of told) digest.update(`\n${tell} ${address}`);
  const id = `notice-${digest.digest('hex').slice(0, 24)}`;
  return { id, octets: () => noticeOctets(submission, told, { original, hostname, date, id }) };
}

interface Particulars {
  readonly original: () => AsyncIterable<Uint8Array>;
  readonly hostname: string;
  readonly date: Date;
  readonly id: string;
}

async function* noticeOctets(
  submission: SubmissionDocument,
  told: readonly RecipientDocument[],
  particulars: Particulars,
): AsyncIterable<Uint8Array> {
  const quoted = await quotedHeader(particulars.original());
  const failed = told.some(({ tell }) => tell === 'failed');
  yield* reportOctets({
    ...particulars,
    to: submission.envelope.from,
    words: noticeText(submission.lang, told, quoted.subject),
    envid: submission.envelope.envid,
    arrived: submission.created,
    more: [`X-Vaguemestre-Submission: ${submissionId(submission)}`],
    recipients: told.map(({ address, orcpt, tell = 'delivered', reply, at, state }) => {
      // Whoever cannot be reached at all is waited for until a way opens.
      const willRetryUntil =
        tell === 'delayed' && state === 'queued' ? new Date(submission.notBefore.getTime() + giveUpMs) : undefined;
      return recipientStatus({ address, orcpt, action: tell, reply, at, willRetryUntil });
    }),
    quoted,
    whole: failed && submission.envelope.ret === 'full' && submission.size <= maxReturnedBytes,
  });
}
