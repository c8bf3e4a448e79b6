import type { Lang } from '../../auth/authenticator.js';
import { type Outcome, ok, type Pop3Session, refuseIn } from '../session.js';
import { say } from '../words.js';

const languages: readonly (readonly [tag: Lang, name: string])[] = [
  ['en', 'English'],
  ['fr', 'Francais'],
];

/** LANG (RFC 6856 3): without a tag the languages, `*` for the server's own, else the one asked for (RFC 4647 3.4). */
export function lang(session: Pop3Session, tag: string | undefined): Outcome {
  if (tag === undefined) {
    const lines = languages.map((language) => `${language.join(' ')}\r\n`).join('');
    return ok(session, `${say('languages', session.lang)}\r\n${lines}.`);
  }
  const primary = tag.toLowerCase().split('-', 1)[0];
  const found = tag === '*' ? languages[0] : languages.find(([known]) => known === primary);
  if (found === undefined) return refuseIn(session, 'noLanguage');
  session.lang = found[0];
  return ok(session, found.join(' '));
}

/** UTF8 (RFC 6856 2.1). Messages go out as they are in any case. */
export function utf8(session: Pop3Session): Outcome {
  session.utf8 = true;
  return ok(session, say('utf8', session.lang));
}
