/**
 * Sending, as JMAP calls. The message is made and submitted in one request (RFC 8621 section 7.5), and it
 * moves to Sent when the server took it. Destroying older copies of the draft and marking what was answered come in a
 * second request, once the first is known to have worked: `Email/set` destroys even where its create failed.
 */
import type { ArgumentsOf } from '../jmap/methods.js';
import { type Draft, recipients } from './draft.js';
import { draftEmail, type Sender } from './draft-email.js';

export interface SendPlaces {
  readonly identityId: string;
  readonly draftsId: string;
  readonly sentId: string;
}

/** After how many seconds, or when, the server lets go of it (RFC 4865 section 4). */
export type SendWhen = { readonly holdSeconds: number } | { readonly at: Date };

/** The creation ids, by which the answers name what was made. */
export const messageKey = 'message';
export const sendingKey = 'sending';

export interface SendCalls {
  readonly email: ArgumentsOf<'Email/set'>;
  readonly submission: ArgumentsOf<'EmailSubmission/set'>;
}

export function sendCalls(draft: Draft, sender: Sender, places: SendPlaces, when: SendWhen): SendCalls {
  const { identityId, draftsId, sentId } = places;
  const unique = new Map(recipients(draft).map(({ email }) => [email.toLowerCase(), email]));
  return {
    email: { create: { [messageKey]: draftEmail(draft, sender, draftsId) } },
    submission: {
      create: {
        [sendingKey]: {
          identityId,
          emailId: `#${messageKey}`,
          envelope: {
            mailFrom: { email: sender.from.email, parameters: holdParameters(when) },
            rcptTo: [...unique.values()].map((email) => ({ email })),
          },
        },
      },
      onSuccessUpdateEmail: {
        [`#${sendingKey}`]: {
          [`mailboxIds/${draftsId}`]: null,
          [`mailboxIds/${sentId}`]: true,
          'keywords/$draft': null,
        },
      },
    },
  };
}

function holdParameters(when: SendWhen): Readonly<Record<string, string>> {
  return 'at' in when
    ? { HOLDUNTIL: when.at.toISOString().replace(/\.\d{3}Z$/, 'Z') }
    : { HOLDFOR: String(when.holdSeconds) };
}

/** What is left to do when it is on its way: the draft's older copies go, the answered message gets its mark. */
export function afterSending(draft: Draft): ArgumentsOf<'Email/set'> | undefined {
  const copies = [...draft.olderCopies, ...(draft.emailId === undefined ? [] : [draft.emailId])];
  const { answers } = draft;
  if (copies.length === 0 && answers === undefined) return undefined;
  const mark = answers?.how === 'forward' ? 'keywords/$forwarded' : 'keywords/$answered';
  return {
    ...(copies.length === 0 ? {} : { destroy: copies }),
    ...(answers === undefined ? {} : { update: { [answers.emailId]: { [mark]: true } } }),
  };
}
