/**
 * What must be said before a conversation is read, from what its open messages turned out to be. Each fact once, however many
 * messages it is true of; in no order (banners.ts has it).
 */
import type { Words } from '../i18n/language.js';
import type { EmailRow } from '../jmap/store/email-row.js';
import { senderVerdict } from './authentication-results.js';
import type { BannerNotice } from './banners.js';
import type { MessageView } from './message-state.js';
import { isBulk, isDiscussion, type OpenMessage, rawFields, waysToLeave } from './open-message.js';
import { personOf } from './person.js';
import type { fr } from './words/fr.js';

export interface NoticeContext {
  /** Whose word on senders counts (RFC 8601): our relay's. */
  readonly authservId: string | undefined;
  isMine(email: string): boolean;
  /** Its list was left already. */
  left(message: OpenMessage): boolean;
  /** The reader wants to leave the message's list. */
  leave(message: OpenMessage): void;
}

export interface OpenedRow {
  readonly row: EmailRow;
  readonly view: MessageView | undefined;
}

type PaneWords = Words<typeof fr>;

export function noticesOf(open: readonly OpenedRow[], words: PaneWords, context: NoticeContext): BannerNotice[] {
  const notices = open.flatMap(({ row, view }) => [
    ...aboutSender(row, view, words, context),
    ...aboutList(view?.message, words, context),
  ]);
  notices.push(
    ...aboutImages(
      open.flatMap(({ view }) => view ?? []),
      words,
    ),
  );
  const told = new Set<string>();
  return notices.filter(({ kind, fact }) => told.size < told.add(`${kind} ${fact}`).size);
}

function* aboutSender(
  row: EmailRow,
  view: MessageView | undefined,
  { banners }: PaneWords,
  { authservId, isMine }: NoticeContext,
): Generator<BannerNotice> {
  if (row.keywords['$phishing']) {
    yield { kind: 'phishing', fact: banners.reported, reason: banners.reportedReason };
  }
  const [from] = row.from ?? [];
  if (from === undefined || isMine(from.email)) return;
  const person = personOf(from);
  const { message, author } = view ?? {};
  if (author?.like) {
    const { name, address } = author.like;
    const fact = name === '' ? banners.imitates(address) : banners.like(name);
    yield { kind: 'phishing', fact, reason: banners.notTheSame(person.address, address) };
  }
  const verdict = senderVerdict(rawFields(message, 'Authentication-Results'), authservId);
  if (verdict.state === 'forged') {
    const domain = verdict.domain ?? person.address.slice(person.address.lastIndexOf('@') + 1);
    yield { kind: 'unverified', fact: banners.forged(person.name), reason: banners.forgedReason(domain) };
  }
  if (person.claims !== undefined) {
    yield {
      kind: 'unverified',
      fact: banners.claims(person.claims),
      reason: banners.claimsReason(person.address),
    };
  } else if (author?.namesake) {
    const { name, address } = author.namesake;
    yield { kind: 'unverified', fact: banners.namesake(name), reason: banners.notTheSame(person.address, address) };
  }
  const elsewhere = message && answerElsewhere(message, from.email, isMine);
  if (elsewhere !== undefined) {
    yield {
      kind: 'unverified',
      fact: banners.replyElsewhere,
      reason: banners.replyElsewhereReason(elsewhere, person.address),
    };
  }
  if (author?.first && !author.like && message && !isBulk(message)) {
    yield { kind: 'firstContact', fact: banners.first(person.name), reason: banners.firstReason };
  }
}

/** Where an answer would go, when that is neither the author's domain nor a list's or the reader's own address. */
function answerElsewhere(message: OpenMessage, from: string, isMine: (email: string) => boolean): string | undefined {
  if (isBulk(message)) return undefined;
  const site = siteOf(from);
  return message.replyTo?.map(({ email }) => email).find((email) => siteOf(email) !== site && !isMine(email));
}

/** The last two labels: `mail.uni-x.example` answers for `uni-x.example`. */
function siteOf(email: string): string {
  return email
    .slice(email.lastIndexOf('@') + 1)
    .toLowerCase()
    .split('.')
    .slice(-2)
    .join('.');
}

function* aboutList(
  message: OpenMessage | undefined,
  words: PaneWords,
  { left, leave }: NoticeContext,
): Generator<BannerNotice> {
  if (!message || isDiscussion(message)) return;
  const { oneClick, mail, page } = waysToLeave(message);
  if (oneClick === undefined && mail === undefined && page === undefined) return;
  const says = words.unsubscribe;
  if (left(message)) {
    yield { kind: 'unsubscribe', fact: says.left, reason: says.leftReason };
    return;
  }
  const reason = oneClick !== undefined ? says.byService : mail !== undefined ? says.byMail : says.byPage;
  yield { kind: 'unsubscribe', fact: says.offer, reason, act: { words: says.act, run: () => leave(message) } };
}

function* aboutImages(views: readonly MessageView[], words: PaneWords): Generator<BannerNotice> {
  const { banners } = words;
  const held = views.filter((view) => view.images === 'held');
  if (held.length > 0) {
    const count = held.reduce((sum, view) => sum + view.remoteCount, 0);
    const authors = held.flatMap((view) => (view.message?.from ?? []).slice(0, 1));
    const [author] = authors;
    const isOne = author !== undefined && authors.every(({ email }) => email === author.email);
    yield {
      kind: 'images',
      fact: banners.images(count),
      reason: banners.imagesReason(count),
      act: { words: banners.show, run: () => held.forEach((view) => void view.showImages()) },
      ...(isOne && {
        second: {
          words: banners.always(personOf(author).name),
          run: () => held.forEach((view) => void view.alwaysShowImages()),
        },
      }),
    };
  }
  const failed = views.filter((view) => view.images === 'failed');
  if (failed.length === 0) return;
  yield {
    kind: 'images',
    fact: banners.imagesFailed,
    reason: banners.imagesFailedReason,
    act: { words: words.retry, run: () => failed.forEach((view) => void view.showImages()) },
  };
}
