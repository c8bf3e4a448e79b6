/**
 * A draft as the Email that `Email/set` creates (RFC 8621 section 4.6). The structure is the plainest that says what is
 * there: one text part; text and HTML as alternatives (RFC 2046 section 5.1.4); the HTML with its images (RFC 2387); files
 * beside all of it.
 */
import type { EmailAddress, NewBodyPart, NewEmail } from '@vaguemestre/shared/jmap/email';
import { cidUrl } from './cid-url.js';
import type { Draft, DraftFile } from './draft.js';
import { encodeFlowed } from './flowed-text.js';

export interface Sender {
  readonly from: EmailAddress;
  readonly replyTo: readonly EmailAddress[] | null;
}

/** Files that have no blob yet are left out: the next copy has them. */
export function draftEmail(draft: Draft, sender: Sender, draftsMailboxId: string): NewEmail {
  const values: Record<string, { value: string }> = { text: { value: encodeFlowed(draft.text) } };
  if (draft.mode === 'rich') values['html'] = { value: draft.html };
  return {
    mailboxIds: { [draftsMailboxId]: true },
    keywords: { $draft: true, $seen: true },
    from: [sender.from],
    ...named('to', draft.to),
    ...named('cc', draft.cc),
    ...named('bcc', draft.bcc),
    ...named('replyTo', sender.replyTo ?? []),
    subject: draft.subject,
    ...named('inReplyTo', draft.inReplyTo),
    ...named('references', draft.references),
    bodyStructure: structure(draft),
    bodyValues: values,
  };
}

function named<T>(name: string, values: readonly T[]): Record<string, readonly T[]> {
  return values.length === 0 ? {} : { [name]: values };
}

function structure(draft: Draft): NewBodyPart {
  const there = draft.files.filter(({ blobId }) => blobId !== undefined);
  const shown = draft.mode === 'rich' ? there.filter((file) => isShown(file, draft.html)) : [];
  const beside = there.filter((file) => !shown.includes(file));
  const body = draft.mode === 'rich' ? alternatives(shown) : textPart;
  if (beside.length === 0) return body;
  return { type: 'multipart/mixed', subParts: [body, ...beside.map((file) => filePart(file, 'attachment'))] };
}

/** RFC 8621 4.6: in place of `type`, for what it cannot say. */
const textPart: NewBodyPart = { 'header:Content-Type:asText': 'text/plain; format=flowed', partId: 'text' };
const htmlPart: NewBodyPart = { type: 'text/html', partId: 'html' };

function alternatives(images: readonly DraftFile[]): NewBodyPart {
  const html: NewBodyPart =
    images.length === 0
      ? htmlPart
      : { type: 'multipart/related', subParts: [htmlPart, ...images.map((file) => filePart(file, 'inline'))] };
  return { type: 'multipart/alternative', subParts: [textPart, html] };
}

/** An image whose place in the text was deleted is not sent along. */
function isShown(file: DraftFile, html: string): boolean {
  return file.cid !== undefined && html.includes(cidUrl(file.cid));
}

function filePart(file: DraftFile, disposition: 'inline' | 'attachment'): NewBodyPart {
  return {
    type: file.type === '' ? 'application/octet-stream' : file.type,
    blobId: file.blobId!,
    name: file.name,
    disposition,
    ...(disposition === 'inline' ? { cid: file.cid! } : {}),
  };
}
