/**
 * What can be done to a message that waits: taken back as a draft, sent now, sent at another time. Another time is another
 * submission: the old one is cancelled first, so that nothing can leave twice; if the new one cannot be made the message is a
 * draft, and the reader is told.
 */
import { type EmailSubmission, hasEmail } from '@vaguemestre/shared/jmap/submission';
import { takeBack } from '../../compose/take-back.js';
import { t } from '../../i18n/text.svelte.js';
import { mail } from '../../state/mail.svelte.js';
import { toasts } from '../../state/toasts.svelte.js';
import { viewCounts } from '../../state/view-counts.svelte.js';
import { writing } from '../../state/writing.svelte.js';

/** It stays among what its own program sent: there is no draft to make of it here. */
async function cancelProgramSending({ id }: EmailSubmission): Promise<void> {
  const update = { [id]: { undoStatus: 'canceled' } };
  const asked = mail.store.client.call('EmailSubmission/set', { update }, { repeatable: true });
  const done = await asked.result.then(({ notUpdated }) => notUpdated?.[id] == null).catch(() => false);
  toasts.say(done ? t.text.outbox.notSent : t.text.outbox.tooLate, done ? {} : { tone: 'trouble' });
  await lookAgain();
}

async function cancel({ id, emailId }: EmailSubmission): Promise<boolean> {
  const [sent, drafts] = [mail.store.mailboxOf('sent'), mail.store.mailboxOf('drafts')];
  if (!sent || !drafts) return false;
  const places = { sentId: sent.id, draftsId: drafts.id };
  const done = await takeBack(mail.store.client, { submissionId: id, emailId }, places).catch(() => false);
  if (!done) toasts.say(t.text.outbox.tooLate, { tone: 'trouble' });
  return done;
}

async function lookAgain(): Promise<void> {
  await Promise.all([viewCounts.look().catch(() => {}), mail.refresh()]);
}

export async function cancelSending(submission: EmailSubmission): Promise<void> {
  if (!hasEmail(submission)) return cancelProgramSending(submission);
  const done = await cancel(submission);
  await lookAgain();
  if (done) writing.resume(submission.emailId);
}

/** undefined: now. */
export async function sendAt(submission: EmailSubmission, at: Date | undefined): Promise<void> {
  if (!(await cancel(submission))) return lookAgain();
  const { identityId, emailId, envelope } = submission;
  const [sent, drafts] = [mail.store.mailboxOf('sent'), mail.store.mailboxOf('drafts')];
  // RFC 4865 4: a parameter of MAIL FROM.
  const held = at === undefined ? null : { HOLDUNTIL: at.toISOString().replace(/\.\d{3}Z$/, 'Z') };
  const again = {
    identityId,
    emailId,
    envelope: envelope && { ...envelope, mailFrom: { ...envelope.mailFrom, parameters: held } },
  };
  const patch = { [`mailboxIds/${drafts?.id}`]: null, [`mailboxIds/${sent?.id}`]: true, 'keywords/$draft': null };
  const { client } = mail.store;
  try {
    const asked = client.call('EmailSubmission/set', { create: { again }, onSuccessUpdateEmail: { '#again': patch } });
    const answer = await asked.result;
    if (answer.created?.['again'] === undefined) throw new Error(answer.notCreated?.['again']?.type);
    toasts.say(at === undefined ? t.text.outbox.sent : t.text.outbox.changed, { icon: 'send' });
  } catch {
    toasts.say(t.text.outbox.draftAgain, { tone: 'trouble' });
  }
  await lookAgain();
}
