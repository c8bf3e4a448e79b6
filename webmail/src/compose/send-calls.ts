/**
 * Sending and taking back, as JMAP calls. The message is made and submitted in one request (RFC 8621 section 7.5), and it
 * moves to Sent when the server took it. Destroying older copies of the draft and marking what was answered come in a
 * second request, once the first is known to have worked: `Email/set` destroys even where its create failed.
 */
import type { Invocation } from '@vaguemestre/shared/jmap/core';
import { type Draft, recipients } from './draft.js';
import { draftEmail, type Sender } from './draft-email.js';

export interface SendPlaces {
  readonly accountId: string;
  readonly identityId: string;
  readonly draftsId: string;
  readonly sentId: string;
}

/** After how many seconds, or when, the server lets go of it (RFC 4865 section 4). */
export type SendWhen = { readonly holdSeconds: number } | { readonly at: Date };

export const emailCall = 'email';
export const submissionCall = 'submission';

export function sendCalls(draft: Draft, sender: Sender, places: SendPlaces, when: SendWhen): readonly Invocation[] {
  const { accountId, identityId, draftsId, sentId } = places;
  const unique = new Map(recipients(draft).map(({ email }) => [email.toLowerCase(), email]));
  return [
    ['Email/set', { accountId, create: { message: draftEmail(draft, sender, draftsId) } }, emailCall],
    [
      'EmailSubmission/set',
      {
        accountId,
        create: {
          sending: {
            identityId,
            emailId: '#message',
            envelope: {
              mailFrom: { email: sender.from.email, parameters: holdParameters(when) },
              rcptTo: [...unique.values()].map((email) => ({ email })),
            },
          },
        },
        onSuccessUpdateEmail: {
          '#sending': { [`mailboxIds/${draftsId}`]: null, [`mailboxIds/${sentId}`]: true, 'keywords/$draft': null },
        },
      },
      submissionCall,
    ],
  ];
}

function holdParameters(when: SendWhen): Readonly<Record<string, string>> {
  return 'at' in when
    ? { HOLDUNTIL: when.at.toISOString().replace(/\.\d{3}Z$/, 'Z') }
    : { HOLDFOR: String(when.holdSeconds) };
}

/** What is left to do when it is on its way: the draft's older copies go, the answered message gets its mark. */
export function afterSendingCalls(draft: Draft, accountId: string): readonly Invocation[] {
  const copies = [...draft.olderCopies, ...(draft.emailId === undefined ? [] : [draft.emailId])];
  const { answers } = draft;
  const mark = answers?.how === 'forward' ? 'keywords/$forwarded' : 'keywords/$answered';
  const args = {
    accountId,
    ...(copies.length === 0 ? {} : { destroy: copies }),
    ...(answers === undefined ? {} : { update: { [answers.emailId]: { [mark]: true } } }),
  };
  return copies.length === 0 && answers === undefined ? [] : [['Email/set', args, 'after']];
}

/** Works as long as the submission is `pending`; else the server says cannotUnsend. */
export function takeBackCalls(accountId: string, submissionId: string): readonly Invocation[] {
  return [
    ['EmailSubmission/set', { accountId, update: { [submissionId]: { undoStatus: 'canceled' } } }, submissionCall],
  ];
}

/** Once it is taken back: a draft again. */
export function draftAgainCalls(places: SendPlaces, emailId: string): readonly Invocation[] {
  const { accountId, draftsId, sentId } = places;
  const update = { [`mailboxIds/${sentId}`]: null, [`mailboxIds/${draftsId}`]: true, 'keywords/$draft': true };
  return [['Email/set', { accountId, update: { [emailId]: update } }, emailCall]];
}
