/** What the list knows of a message, and how a change the reader makes looks on it (RFC 8621 4.1.1, RFC 8620 5.3). */
import type { Email } from '@vaguemestre/shared/jmap/email';
import type { PatchObject } from '@vaguemestre/shared/jmap/methods';

export const rowProperties = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'from',
  'to',
  'subject',
  'receivedAt',
  'size',
  'hasAttachment',
  'preview',
] as const;
export type EmailRow = Pick<Email, (typeof rowProperties)[number]>;

/** true adds, false takes away; what is not named stays. */
export interface EmailChange {
  readonly keywords?: Readonly<Record<string, boolean>>;
  readonly mailboxes?: Readonly<Record<string, boolean>>;
}
export type EmailChanges = ReadonlyMap<string, EmailChange>;

type Marks = Readonly<Record<string, true>>;

function mark(marks: Marks, change: Readonly<Record<string, boolean>> | undefined): Marks {
  if (change === undefined) return marks;
  const result: Record<string, true> = { ...marks };
  for (const [name, on] of Object.entries(change)) {
    if (on) result[name] = true;
    else delete result[name];
  }
  return result;
}

export function applyChange(row: EmailRow, change: EmailChange): EmailRow {
  return {
    ...row,
    keywords: mark(row.keywords, change.keywords),
    mailboxIds: mark(row.mailboxIds, change.mailboxes),
  };
}

function unmark(marks: Marks, change: Readonly<Record<string, boolean>> | undefined): Record<string, boolean> {
  const back: Record<string, boolean> = {};
  for (const [name, on] of Object.entries(change ?? {})) {
    const was = marks[name] === true;
    if (was !== on) back[name] = was;
  }
  return back;
}

/** What takes `change` back on this row; undefined when the change changes nothing. */
export function inverseOf(row: EmailRow, change: EmailChange): EmailChange | undefined {
  const keywords = unmark(row.keywords, change.keywords);
  const mailboxes = unmark(row.mailboxIds, change.mailboxes);
  if (Object.keys(keywords).length === 0 && Object.keys(mailboxes).length === 0) return undefined;
  return { keywords, mailboxes };
}

export function patchOf(change: EmailChange): PatchObject {
  const patch: Record<string, true | null> = {};
  for (const [name, on] of Object.entries(change.keywords ?? {})) patch[`keywords/${pointer(name)}`] = on || null;
  for (const [id, on] of Object.entries(change.mailboxes ?? {})) patch[`mailboxIds/${pointer(id)}`] = on || null;
  return patch;
}

/** RFC 6901 section 3. */
function pointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

export const isUnread = (row: EmailRow): boolean => row.keywords['$seen'] !== true;
