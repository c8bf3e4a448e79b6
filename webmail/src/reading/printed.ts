/** Messages in the form that the printed sheet takes: headers in the reader's language, bodies, names of files; and printing them. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import { formatLongDate, formatSize } from '../i18n/format.js';
import type { Language, Words } from '../i18n/language.js';
import { fileName } from './attachment.js';
import type { MessageView } from './message-state.js';
import { filesOf, shownParts } from './open-message.js';
import { personOf } from './person.js';
import { type PrintedMessage, printMessages } from './print-messages.js';
import type { fr } from './words/fr.js';

function printedMessage(view: MessageView, language: Language, words: Words<typeof fr>): PrintedMessage | undefined {
  const { message } = view;
  if (!message) return undefined;
  const list = (people: readonly EmailAddress[] | null): string =>
    (people ?? [])
      .map((one) => personOf(one))
      .map(({ name, address }) => (name === address ? address : `${name} <${address}>`))
      .join(', ');
  const headers: (readonly [string, string])[] = [
    [words.headers.from, list(message.from)],
    [words.headers.to, list(message.to)],
    [words.headers.cc, list(message.cc)],
    [words.headers.date, formatLongDate(language, new Date(message.sentAt ?? message.receivedAt))],
  ];
  const images = new Map<string, string>();
  for (const body of view.bodies) {
    if (body.kind !== 'html') continue;
    for (const { element, source } of body.clean.attached) {
      const address = view.addresses.get(element);
      if (source.kind === 'attached' && address !== undefined) images.set(source.contentId, address);
    }
  }
  return {
    headers: headers.filter(([, value]) => value !== ''),
    parts: shownParts(message, view.plain).flatMap((part) =>
      part.kind === 'image' ? [] : [{ kind: part.kind, value: part.value }],
    ),
    files: filesOf(message, view.shownIds).map(
      (part) => `${fileName(part, words.unnamedFile)} (${formatSize(language, part.size)})`,
    ),
    images,
  };
}

/** Waits for those that are still on their way; what cannot be had is left out. */
export async function printViews(
  views: readonly MessageView[],
  title: string,
  language: Language,
  words: Words<typeof fr>,
): Promise<void> {
  await Promise.all(views.map((view) => view.open()));
  const messages = views.map((view) => printedMessage(view, language, words)).filter((one) => one !== undefined);
  await printMessages(title, language, messages);
}
