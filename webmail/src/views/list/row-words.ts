/** What a row says, drawn and read aloud. */
import { formatListTime } from '../../i18n/format.js';
import type { Language } from '../../i18n/language.js';
import type { FrameWords } from '../../i18n/text.svelte.js';
import { type EmailRow, isUnread } from '../../jmap/store/email-row.js';
import { nameOf, namesOf } from '../../model/people.js';

export interface RowWords {
  readonly unread: boolean;
  readonly flagged: boolean;
  readonly draft: boolean;
  readonly answered: boolean;
  readonly forwarded: boolean;
  readonly file: boolean;
  /** Whether the reader stands in To, and with whom. */
  readonly toMe: 'alone' | 'among' | undefined;
  readonly who: string;
  /** Whose initials stand in front. */
  readonly face: { readonly name: string; readonly address: string };
  /** Messages in the conversation; 1 when it is one. */
  readonly count: number;
  readonly subject: string;
  readonly snippet: string;
  readonly time: string;
  /** All of it in one sentence. */
  readonly spoken: string;
}

export interface RowSettings {
  readonly text: FrameWords;
  readonly language: Language;
  readonly now: Date;
  /** In Sent and Drafts the other side is who it goes to. */
  readonly outgoing: boolean;
  readonly isMe: (email: string) => boolean;
}

export function wordsOf(row: EmailRow, conversation: readonly EmailRow[], settings: RowSettings): RowWords {
  const { text, outgoing, isMe } = settings;
  const has = (keyword: string): boolean => conversation.some((one) => one.keywords[keyword] === true);
  const others = outgoing ? (row.to ?? []) : conversation.flatMap((one) => one.from ?? []);
  const names = namesOf(others, isMe, text.me);
  const who = outgoing ? (names === '' ? text.noRecipient : text.to(names)) : names === '' ? text.nobody : names;
  const [face] = outgoing ? (row.to ?? []) : (row.from ?? []);
  const unread = conversation.some(isUnread);
  const subject = row.subject?.trim() || text.noSubject;
  const time = formatListTime(settings.language, row.receivedAt, settings.now, text);
  const mine = outgoing ? undefined : (row.to ?? []).filter(({ email }) => isMe(email));
  const toMe = !mine?.length ? undefined : mine.length === row.to?.length ? ('alone' as const) : ('among' as const);
  const words = {
    unread,
    flagged: has('$flagged'),
    draft: has('$draft'),
    answered: row.keywords['$answered'] === true,
    forwarded: row.keywords['$forwarded'] === true,
    file: conversation.some((one) => one.hasAttachment),
    toMe,
    who,
    face: { name: face === undefined ? '?' : nameOf(face), address: face?.email ?? '' },
    count: conversation.length,
    subject,
    snippet: row.preview,
    time,
  };
  const said = [
    unread && text.rowUnread,
    words.draft && text.rowDraft,
    who,
    words.count > 1 && text.rowMessages(words.count),
    subject,
    time,
    words.flagged && text.rowFlagged,
    words.file && text.rowFile,
    toMe === 'alone' ? text.rowToMe : toMe === 'among' && text.rowToMeToo,
    words.answered && text.rowAnswered,
    words.forwarded && text.rowForwarded,
  ];
  return { ...words, spoken: said.filter((part) => typeof part === 'string').join(', ') };
}
