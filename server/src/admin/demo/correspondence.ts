import type { Lang } from '@vaguemestre/shared/people';
import { type Attachment, csvFile, icsFile, pdfFile, pngFile } from './attachments.js';
import { cast, type DemoPerson } from './cast.js';
import { composeLetter, type LetterStyle, mailbox } from './compose-message.js';
import { english } from './english.js';
import { french } from './french.js';
import { type SeededChoice, seededChoice } from './seeded-choice.js';
import type { Language, Topic } from './topic.js';

/**
 * A year and a half of a laboratory's mail: conversations with answers, lists, drafts, rubbish. The same for the same day:
 * every choice comes from a fixed seed.
 */
export interface Placed {
  readonly owner: DemoPerson;
  /** A mailbox by path, or by what it is for. */
  readonly where: { readonly path: string } | { readonly role: 'inbox' | 'sent' | 'drafts' | 'junk' };
  readonly octets: Buffer;
  readonly dateMs: number;
  readonly flags: readonly string[];
}

const dayMs = 24 * 3600_000;
const spanDays = 540;
const languages: Readonly<Record<Lang, Language>> = { fr: french, en: english };

interface Desk {
  readonly choice: SeededChoice;
  readonly domain: string;
  readonly nowMs: number;
  readonly placed: Placed[];
  serial: number;
}

/** In order of date. `total` is the number of messages in all mailboxes together. */
export function writeCorrespondence(total: number, domain: string, nowMs: number): Placed[] {
  const desk: Desk = { choice: seededChoice(20_260_302), domain, nowMs, placed: [], serial: 0 };
  const writers = cast.filter(({ is }) => is.role !== 'service');
  for (const owner of writers) writeAside(desk, owner);
  while (desk.placed.length < total) converse(desk, writers);
  desk.placed.length = total;
  return desk.placed.sort((x, y) => x.dateMs - y.dateMs);
}

/** One conversation: a first message, its recipients, some answers. */
function converse(desk: Desk, writers: readonly DemoPerson[]): void {
  const { choice } = desk;
  let dateMs = workingHour(desk, desk.nowMs - choice.next() ** 2 * spanDays * dayMs);
  const present = writers.filter(({ here }) => here === undefined || dateMs > desk.nowMs - here * dayMs);
  const first = choice.pick(present);
  const language = languages[first.lang];
  const topic = choice.pick(language.topics);
  // Nobody writes to a whole list in their first months.
  const starter = topic.list === undefined ? first : choice.pick(present.filter(({ is }) => is.role === 'permanent'));
  const words = Object.fromEntries(Object.entries(language.words).map(([slot, from]) => [slot, choice.pick(from)]));
  const fill = (text: string): string => text.replaceAll(/\{(\w+)\}/g, (slot, name: string) => words[name] ?? slot);
  const subject = upperFirst(fill(choice.pick(topic.subjects)));
  const others = present.filter((one) => one !== starter && (one.lang === starter.lang || choice.chance(0.3)));
  const readers =
    topic.list === undefined ? choice.some(others, choice.integer(1, 3)) : present.filter((one) => one !== starter);
  let author = starter;
  let previous: { readonly text: string; readonly author: DemoPerson; readonly dateMs: number } | undefined;
  const references: string[] = [];
  // No answer is given twice in a conversation.
  const answers = choice.some(topic.answers, topic.answers.length);
  const rounds = 1 + (topic.list === undefined ? choice.integer(0, answers.length) : choice.integer(0, 1));
  for (let round = 0; round < rounds && dateMs < desk.nowMs; round++) {
    const everybody = [starter, ...readers];
    const to = everybody.filter((one) => one !== author);
    const said =
      round === 0
        ? [choice.pick(topic.openings), ...choice.some(topic.points, choice.integer(2, 4))]
        : answers.slice(round - 1, round);
    const text = letterText(desk, author, to, said.map(fill), previous);
    const messageId = `<${(desk.serial++).toString(36)}.${choice.integer(1e6, 1e9).toString(36)}@${desk.domain}>`;
    const style = styleOf(author, choice);
    const html = previous === undefined && choice.chance(0.2) ? htmlOf(text) : undefined;
    const nextMs = workingHour(desk, dateMs + choice.integer(10, 60 * 40) * 60_000);
    const answered = round + 1 < rounds && nextMs < desk.nowMs;
    const nextAuthor = choice.pick(to);
    const octets = composeLetter({
      from: address(desk, author, style),
      to: topic.list === undefined ? to.map((one) => address(desk, one, style)) : [`${topic.list}@${desk.domain}`],
      subject: round === 0 ? subject : `Re: ${subject}`,
      dateMs,
      messageId,
      references: [...references],
      fields: topic.list === undefined ? [] : listFields(topic.list, desk.domain),
      text,
      ...(html !== undefined && { html }),
      attachments: round === 0 && choice.chance(0.6) ? attachmentsOf(desk, topic, author, to, subject, dateMs) : [],
      style,
    });
    desk.placed.push({ owner: author, where: { role: 'sent' }, octets, dateMs, flags: ['\\Seen'] });
    for (const owner of to) {
      const flags = flagsOf(desk, dateMs, answered && owner === nextAuthor);
      desk.placed.push({ owner, where: placeFor(owner, topic, desk, dateMs), octets, dateMs, flags });
    }
    references.push(messageId);
    previous = { text, author, dateMs };
    author = nextAuthor;
    dateMs = nextMs;
  }
}

function letterText(
  desk: Desk,
  author: DemoPerson,
  to: readonly DemoPerson[],
  sentences: readonly string[],
  previous: { readonly text: string; readonly author: DemoPerson; readonly dateMs: number } | undefined,
): string {
  const { choice } = desk;
  const language = languages[author.lang];
  const greetings = language.greetings.filter((one) => to.length === 1 || !one.includes('{name}'));
  const greeting = choice.pick(greetings).replace('{name}', to[0]?.first ?? '');
  const half = Math.ceil(sentences.length / 2);
  const paragraphs = [sentences.slice(0, half).join(' '), sentences.slice(half).join(' ')].filter((one) => one !== '');
  const parts = [greeting, ...paragraphs.map(upperFirst), choice.pick(language.closings), `-- \n${author.signature}`];
  if (previous !== undefined) {
    const head = language.quoted
      .replace('{date}', local(previous.dateMs, language.locale, { dateStyle: 'long' }))
      .replace('{time}', local(previous.dateMs, language.locale, { timeStyle: 'short' }))
      .replace('{name}', previous.author.name);
    const quoted = (previous.text.split('\n-- \n')[0] ?? '').trimEnd();
    parts.splice(-1, 0, `${head}\n${quoted.split('\n').map(quote).join('\n')}`);
  }
  return `${parts.join('\n\n')}\n`;
}

const local = (ms: number, locale: string, style: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(locale, { ...style, timeZone: 'Europe/Paris' }).format(ms);

const quote = (line: string): string => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd());
const upperFirst = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Bernard's Eudora knows no UTF-8; the others' programs each have their habit. */
function styleOf(author: DemoPerson, choice: SeededChoice): LetterStyle {
  if (author.is.eudora === true) return 'windows';
  return choice.pick(['utf8', 'utf8', 'quoted', 'quoted', 'base64'] as const);
}

const address = (desk: Desk, one: DemoPerson, style: LetterStyle): string =>
  mailbox(one.name, `${one.local}@${desk.domain}`, style);

/** RFC 2919, RFC 2369. */
const listFields = (list: string, domain: string): string[] => [
  `List-Id: <${list}.${domain}>`,
  `List-Post: <mailto:${list}@${domain}>`,
  `List-Unsubscribe: <mailto:${list}-leave@${domain}>`,
  'Precedence: list',
];

function htmlOf(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const paragraphs = escaped.split('\n\n').map((one) => `<p>${one.trim().replaceAll('\n', '<br>\n')}</p>`);
  return `<!DOCTYPE html>\n<html><body style="font-family: sans-serif">\n${paragraphs.join('\n')}\n</body></html>\n`;
}

function attachmentsOf(
  desk: Desk,
  topic: Topic,
  author: DemoPerson,
  to: readonly DemoPerson[],
  subject: string,
  dateMs: number,
): Attachment[] {
  const { choice, domain } = desk;
  switch (topic.attaches) {
    case 'pdf':
      return [pdfFile(choice.pick(['manuscrit.pdf', 'document.pdf', 'pièce jointe.pdf']), [subject, author.name])];
    case 'png':
      return [pngFile(choice.pick(['courbe.png', 'figure-3.png', 'série de la nuit.png']), choice)];
    case 'csv':
      return [csvFile(choice.pick(['log.csv', 'index.csv']), choice)];
    case 'ics': {
      const attendees = to.map((one) => `${one.local}@${domain}`);
      const meeting = { uid: `${desk.serial}-reunion@${domain}`, summary: subject, attendees };
      const startMs = workingHour(desk, dateMs + 4 * dayMs);
      return [icsFile({ ...meeting, organizer: `${author.local}@${domain}`, startMs })];
    }
    default:
      return [];
  }
}

/** Old mail was read, and part of it filed; the last two days are still to do. */
function flagsOf({ choice, nowMs }: Desk, dateMs: number, answered: boolean): string[] {
  const old = nowMs - dateMs > 2 * dayMs;
  const flags: string[] = [];
  if (answered || choice.chance(old ? 0.95 : 0.35)) flags.push('\\Seen');
  if (answered) flags.push('\\Answered');
  if (choice.chance(0.04)) flags.push('\\Flagged');
  if (choice.chance(0.03)) flags.push('$Forwarded');
  if (choice.chance(0.03)) flags.push('a_traiter');
  return flags;
}

function placeFor(owner: DemoPerson, topic: Topic, { choice, nowMs }: Desk, dateMs: number): Placed['where'] {
  const folder = topic.folder?.find((path) => owner.folders.includes(path));
  const filed = folder !== undefined && nowMs - dateMs > 20 * dayMs && choice.chance(0.8);
  return filed ? { path: folder } : { role: 'inbox' };
}

/** The next moment between eight and seven, Monday to Friday, by the sun rather than by the law. */
function workingHour({ choice }: Desk, ms: number): number {
  const date = new Date(Math.floor(ms / 1000) * 1000);
  const nextMorning = (days: number): void => {
    date.setUTCDate(date.getUTCDate() + days);
    date.setUTCHours(7 + choice.integer(0, 2), choice.integer(0, 59), choice.integer(0, 59));
  };
  if (date.getUTCHours() > 17) nextMorning(1);
  else if (date.getUTCHours() < 7) nextMorning(0);
  const weekday = date.getUTCDay();
  if (weekday === 6) nextMorning(2);
  if (weekday === 0) nextMorning(1);
  return date.getTime();
}

/** What lies in a person's mailboxes without conversation: a draft, rubbish. */
function writeAside(desk: Desk, owner: DemoPerson): void {
  const { choice, domain, nowMs } = desk;
  const language = languages[owner.lang];
  const own = mailbox(owner.name, `${owner.local}@${domain}`);
  const id = (): string => `<${(desk.serial++).toString(36)}.aside@${domain}>`;
  if (owner.is.role !== 'intern') {
    const topic = choice.pick(language.topics);
    const dateMs = workingHour(desk, nowMs - choice.integer(4, 20) * dayMs);
    const text = `${choice.pick(topic.openings).replaceAll(/\{\w+\}/g, '...')}\n\n`;
    const octets = composeLetter({
      from: own,
      to: [`direction@${domain}`],
      subject: choice.pick(topic.subjects).replaceAll(/\{\w+\}/g, '...'),
      dateMs,
      messageId: id(),
      text,
      style: 'utf8',
    });
    desk.placed.push({ owner, where: { role: 'drafts' }, octets, dateMs, flags: ['\\Draft', '\\Seen'] });
  }
  for (const rubbish of language.rubbish) {
    const dateMs = nowMs - Math.floor(choice.next() * 30) * dayMs - choice.integer(1, 80_000) * 1000;
    const { name, address: sender, subject, text } = rubbish;
    const from = mailbox(name, sender);
    const octets = composeLetter({
      from,
      to: [own],
      subject,
      dateMs,
      messageId: id(),
      text: `${text}\n`,
      style: 'base64',
    });
    desk.placed.push({ owner, where: { role: 'junk' }, octets, dateMs, flags: ['$Junk'] });
  }
}
