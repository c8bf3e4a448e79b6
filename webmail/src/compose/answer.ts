/** The drafts that grow out of a message: an answer, a message passed on, a draft gone on with. Without what is quoted. */
import type { EmailAddress, EmailBodyPart } from '@vaguemestre/shared/jmap/email';
import { answerHeaders } from './answer-headers.js';
import { forwardSubject, replySubject } from './answer-subject.js';
import { type Draft, type DraftFile, emptyDraft } from './draft.js';
import { type OpenedEmail, textsOf } from './opened-email.js';
import { listAddress, type ReplyTo, replyAddresses } from './reply-addresses.js';

export interface Writer {
  /** Every address that is the writer's. */
  readonly mine: readonly string[];
  readonly newKey: () => string;
}

/** An answer is written as the message was: HTML is answered in HTML. */
export function modeOf(email: OpenedEmail): Draft['mode'] {
  return textsOf(email).html === undefined ? 'plain' : 'rich';
}

export function replyTo(email: OpenedEmail, writer: Writer, whom: ReplyTo): Draft {
  const followUpTo = email['header:Mail-Followup-To:asAddresses'] as readonly EmailAddress[] | null | undefined;
  const posts = email['header:List-Post:asURLs'] as readonly string[] | null | undefined;
  const message = { ...email, followUpTo: followUpTo ?? null, list: listAddress(posts) };
  return {
    ...emptyDraft(writer.newKey(), modeOf(email)),
    ...replyAddresses(message, writer.mine, whom),
    ...answerHeaders(email),
    subject: replySubject(email.subject ?? ''),
    answers: { emailId: email.id, how: 'reply' },
    list: whom === 'list' ? undefined : message.list,
  };
}

/** With its files. */
export function forward(email: OpenedEmail, writer: Writer): Draft {
  return {
    ...emptyDraft(writer.newKey(), modeOf(email)),
    subject: forwardSubject(email.subject ?? ''),
    references: answerHeaders(email).references,
    answers: { emailId: email.id, how: 'forward' },
    files: filesOf(email, writer),
  };
}

/** Several messages as files of one new one. */
export function forwardAll(emails: readonly OpenedEmail[], writer: Writer): Draft {
  const [first] = emails;
  const one = emails.length === 1 && first !== undefined;
  return {
    ...emptyDraft(writer.newKey(), 'rich'),
    subject: one ? forwardSubject(first.subject ?? '') : '',
    references: one ? answerHeaders(first).references : [],
    answers: one ? { emailId: first.id, how: 'forward' } : undefined,
    files: emails.map((email) => wholeMessage(email, writer)),
  };
}

/** A message of any kind as a new one: people, text and files, but none of its place in a conversation. */
export function editAsNew(email: OpenedEmail, writer: Writer): Draft {
  return { ...resume(email, writer), inReplyTo: [], references: [], emailId: undefined };
}

/** A draft of the server's, to go on with. */
export function resume(email: OpenedEmail, writer: Writer): Draft {
  const { html, text } = textsOf(email);
  const none: readonly EmailAddress[] = [];
  return {
    ...emptyDraft(writer.newKey(), html === undefined ? 'plain' : 'rich'),
    to: email.to ?? none,
    cc: email.cc ?? none,
    bcc: email.bcc ?? none,
    subject: email.subject ?? '',
    text,
    html: html ?? '',
    files: filesOf(email, writer),
    inReplyTo: email.inReplyTo ?? [],
    references: email.references ?? [],
    emailId: email.id,
  };
}

function filesOf(email: OpenedEmail, writer: Writer): readonly DraftFile[] {
  // What HTML shows inside itself is among its parts, or among the attachments of a message that orders them otherwise.
  const inside = email.htmlBody.filter(({ type }) => !type.startsWith('text/'));
  const parts = new Map([...inside, ...email.attachments].map((part) => [part.partId, part]));
  return [...parts.values()].filter(({ blobId }) => blobId !== null).map((part) => fileOf(part, writer));
}

function fileOf(part: EmailBodyPart, writer: Writer): DraftFile {
  return {
    key: writer.newKey(),
    name: part.name ?? (part.type === 'message/rfc822' ? 'message.eml' : part.type.replace('/', '.')),
    type: part.type,
    size: part.size,
    blobId: part.blobId ?? undefined,
    cid: part.type.startsWith('image/') ? (part.cid ?? undefined) : undefined,
  };
}

const maxNameLength = 80;

function wholeMessage(email: OpenedEmail, writer: Writer): DraftFile {
  const name = (email.subject ?? '')
    .replace(/[\p{C}/\\:*?"<>|]+/gu, ' ')
    .trim()
    .slice(0, maxNameLength)
    .trim();
  return {
    key: writer.newKey(),
    name: `${name === '' ? 'message' : name}.eml`,
    type: 'message/rfc822',
    size: email.size,
    blobId: email.blobId,
    cid: undefined,
  };
}
