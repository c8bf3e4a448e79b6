/** SearchSnippet/get (RFC 8621 5.1): for lists of results, what of each message matches the text that was searched for. */
import { capability } from '@vaguemestre/shared/jmap/core';
import { toBinaryString } from '../../../codec/mime/header-fields.js';
import { textForm } from '../../../codec/mime/header-forms.js';
import { MimeScanner } from '../../../codec/mime/scanner.js';
import { createTextTap } from '../../../codec/mime/text.js';
import { maxJmapObjectsInGet } from '../../../kernel/limits.js';
import type { MessageOctets } from '../../../mailstore/content.js';
import { conditionsOf, type EmailFilter, parseEmailFilter } from '../email/email-filter.js';
import { lastValue } from '../email/header-block.js';
import { searchWords } from '../email/search-words.js';
import { excerpt, markAll } from '../email/snippet.js';
import { type JmapMethod, MethodError } from '../method.js';
import { invalidArguments, readArguments } from '../standard/arguments.js';
import { uniqueIds } from '../standard/get.js';

/** RFC 8621 5: of a preview. */
const maxPreviewOctets = 255;
/** Characters of text that are looked through for the place of a hit: it is a hint, the search itself reads everything. */
const maxTextLooked = 64 * 1024;

interface Wanted {
  readonly subject: readonly string[];
  readonly body: readonly string[];
}

export const searchSnippetGet: JmapMethod = {
  name: 'SearchSnippet/get',
  capability: capability.mail,
  async run(rawArguments, { account, createdIds, signal }) {
    const args = readArguments(rawArguments);
    const filter = parseEmailFilter(args.raw('filter'));
    const asked = args.ids('emailIds');
    args.done();
    if (asked === undefined) throw invalidArguments('emailIds is missing', { arguments: ['emailIds'] });
    if (asked.length > maxJmapObjectsInGet) {
      throw new MethodError('requestTooLarge', `At most ${maxJmapObjectsInGet} snippets are answered by one call`);
    }
    const wanted = wordsOf(filter);
    const emails = await account.emails();
    const notFound: string[] = [];
    const found: { readonly id: string; readonly number: number }[] = [];
    for (const [id, asGiven] of uniqueIds(asked, createdIds)) {
      const number = emails.numberOf(id);
      if (number < 0) notFound.push(asGiven);
      else found.push({ id, number });
    }
    const list = found.map(({ id }) => ({
      emailId: id,
      subject: null as string | null,
      preview: null as string | null,
    }));
    const numbers = found.map(({ number }) => number);
    if (wanted.subject.length > 0) {
      for await (const cards of account.readCards(emails, numbers, ['headers'], signal)) {
        for (const card of cards) {
          const subject = lastValue(toBinaryString(card.headers), 'subject');
          list[card.index]!.subject = (subject && markAll(textForm(subject), wanted.subject)) ?? null;
        }
      }
    }
    if (wanted.body.length > 0) {
      for await (const message of account.readContents(emails, numbers, signal)) {
        const text = await shownText(message);
        list[message.index]!.preview = excerpt(text, wanted.body, maxPreviewOctets) ?? null;
      }
    }
    return {
      response: { accountId: args.accountId, list, notFound: notFound.length === 0 ? null : notFound },
    };
  },
};

/** What stands under NOT is what is not there. */
function wordsOf(filter: EmailFilter | undefined): Wanted {
  const subject: string[] = [];
  const body: string[] = [];
  for (const condition of conditionsOf(withoutNot(filter))) {
    const text = searchWords(condition.text ?? '');
    subject.push(...text, ...searchWords(condition.subject ?? ''));
    body.push(...text, ...searchWords(condition.body ?? ''));
  }
  return { subject, body };
}

function withoutNot(filter: EmailFilter | undefined): EmailFilter | undefined {
  if (filter === undefined || filter.operator === 'is') return filter;
  if (filter.operator === 'NOT') return undefined;
  const conditions = filter.conditions.flatMap((each) => withoutNot(each) ?? []);
  return { operator: filter.operator, conditions };
}

/** The beginning of the text of a message as its reader sees it, white space as single spaces. */
async function shownText(message: MessageOctets): Promise<string> {
  let text = '';
  const sink = {
    get wanted() {
      return text.length < maxTextLooked;
    },
    inBody: false,
    begin(unit: { readonly kind: 'header' | 'body'; readonly part?: unknown; readonly preamble?: boolean }) {
      sink.inBody = unit.kind === 'body' && unit.part !== undefined && unit.preamble !== true;
      text += ' ';
    },
    text(piece: string) {
      if (sink.inBody) text += piece;
    },
  };
  const scanner = new MimeScanner(createTextTap(sink));
  scanner.push(message.prefix);
  scanner.push(message.first);
  if (sink.wanted && message.prefix.length + message.first.length < message.size) {
    for await (const piece of message.rest()) {
      scanner.push(piece);
      if (!sink.wanted) break;
    }
  }
  scanner.end();
  return text.split(/\s+/u).join(' ').trim().slice(0, maxTextLooked);
}
