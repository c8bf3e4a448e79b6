/**
 * A message being written, as plain data: what the composer shows, what is kept locally, and what becomes an Email on the
 * server (draft-email.ts). Nothing in it knows the screen or the network.
 */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';

/** A file of the message: on its way up until it has a blob. */
export interface DraftFile {
  /** Of this composer; stays through retries. */
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** undefined: not uploaded yet. */
  readonly blobId: string | undefined;
  /** Set for an image shown in the text (RFC 2392, without angle brackets). */
  readonly cid: string | undefined;
}

/** Which message a draft answers or passes on; that one gets its mark when the draft is sent. */
export interface Answers {
  readonly emailId: string;
  readonly how: 'reply' | 'forward';
}

export interface Draft {
  /** Stays for the draft's life, whatever copies the server makes. */
  readonly key: string;
  readonly identityId: string | undefined;
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly bcc: readonly EmailAddress[];
  readonly subject: string;
  readonly mode: 'plain' | 'rich';
  /** The text of a plain message; of a rich one its plain twin, made when it is saved. Lines end in LF. */
  readonly text: string;
  /** Cleaned HTML of a rich message; empty in a plain one. */
  readonly html: string;
  readonly files: readonly DraftFile[];
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  readonly answers: Answers | undefined;
  /** The mailing list that the answered message came through; undefined when the answer is meant for it. */
  readonly list?: string | undefined;
  /** The line above what is quoted: tells the writer's own words from the rest. */
  readonly attribution: string | undefined;
  /** The server's newest copy. */
  readonly emailId: string | undefined;
  /** Copies that the newest one replaces and that could not be destroyed yet. */
  readonly olderCopies: readonly string[];
}

export function emptyDraft(key: string, mode: Draft['mode']): Draft {
  return {
    key,
    identityId: undefined,
    to: [],
    cc: [],
    bcc: [],
    subject: '',
    mode,
    text: '',
    html: '',
    files: [],
    inReplyTo: [],
    references: [],
    answers: undefined,
    attribution: undefined,
    emailId: undefined,
    olderCopies: [],
  };
}

/** Nothing that anybody would miss: closing it needs no question and leaves no draft. */
export function isEmpty(draft: Draft): boolean {
  return (
    draft.to.length + draft.cc.length + draft.bcc.length + draft.files.length === 0 &&
    draft.subject.trim() === '' &&
    (draft.mode === 'plain' ? draft.text : draft.html.replace(/<[^<>]{0,2000}>/g, '')).trim() === ''
  );
}

export const recipients = (draft: Draft): readonly EmailAddress[] => [...draft.to, ...draft.cc, ...draft.bcc];
