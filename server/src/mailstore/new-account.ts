import type { BoxDocument, RootDocument } from '../database/documents.js';
import { newMailboxId } from '../kernel/ids.js';
import type { MailboxRole } from './mailbox.js';
import { inboxPath } from './mailbox-path.js';

/** Version of the documents of an account. */
export const formatVersion = 1;

/** Special-use mailboxes (RFC 6154) as people here call them. */
const names: Readonly<Record<'fr' | 'en', readonly (readonly [MailboxRole, string])[]>> = {
  en: [
    ['drafts', 'Drafts'],
    ['sent', 'Sent'],
    ['junk', 'Junk'],
    ['trash', 'Trash'],
    ['archive', 'Archive'],
  ],
  fr: [
    ['drafts', 'Brouillons'],
    ['sent', 'Envoyés'],
    ['junk', 'Indésirables'],
    ['trash', 'Corbeille'],
    ['archive', 'Archives'],
  ],
};

/** The root of a new account. It stands at entry 1: HIGHESTMODSEQ 0 is illegal (store design section 5). */
export function newRoot(account: string, lang: 'fr' | 'en', now: Date): RootDocument {
  const seconds = Math.floor(now.getTime() / 1000);
  const wanted: (readonly [MailboxRole, string])[] = [['inbox', inboxPath], ...names[lang]];
  const boxes = wanted.map(
    ([role, path], i): BoxDocument => ({
      id: newMailboxId(),
      path: path.normalize('NFC'),
      role,
      sub: true,
      uv: seconds + i,
      un: 1,
      hm: 1,
      ex: 0,
      us: 0,
      fs: 0,
      by: 0,
      sl: 0,
      segs: [],
    }),
  );
  return {
    _id: account,
    a: account,
    n: 1,
    w: '',
    boxes,
    keywords: [],
    use: 0,
    blocks: 0,
    uv: seconds + boxes.length - 1,
    lastFold: now,
    g: 1,
    seen: new Uint8Array(0),
    subs: [],
    packs: [],
    dead: [],
    prev: [],
    v: formatVersion,
  };
}
