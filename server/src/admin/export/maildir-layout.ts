/**
 * Where the messages of an account stand in a Maildir, and what its own files say: shared by an export into a folder and an archive.
 * Layout `maildir++` (`.Sent.2025`, which Dovecot and Courier take as it is) or `fs` (`Sent/2025`).
 */
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import { encodeFolderName } from '../mail-files/folder-name.js';

export type MaildirLayout = 'maildir++' | 'fs';

/** Gives each path a place of its own: `a.b` must not fall together with an `a_b` that is there as well. */
export function maildirPlaces(layout: MaildirLayout): (path: string) => string {
  const places = new Map<string, string>();
  return (path) => {
    const known = places.get(path);
    if (known !== undefined) return known;
    let place = layoutPath(path, layout);
    while ([...places.values()].includes(place)) place += '_';
    places.set(path, place);
    return place;
  };
}

/** The folder of a place, relative to the root and with `/` between levels; INBOX is the root itself: ''. */
export function maildirFolder(place: string, layout: MaildirLayout): string {
  if (place === 'INBOX') return '';
  const levels = place.split('/').map((level) => encodeFolderName(level, '/\\:'));
  return layout === 'fs' ? levels.join('/') : `.${levels.join('.')}`;
}

/** What stays the same of a message's file name when its flags change. */
export function maildirUnique(mailbox: MailboxInfo, { uid, date, size }: MaildirMessage): string {
  return `${date}.M${mailbox.uidValidity}U${uid}.vaguemestre,S=${size}`;
}

interface MaildirMessage {
  readonly uid: number;
  readonly date: number;
  readonly size: number;
}

/** Dovecot's `dovecot-uidlist`, version 3: UIDs and their order. */
export function uidListFile(
  mailbox: MailboxInfo,
  messages: readonly { readonly uid: number; readonly unique: string }[],
): string {
  const head = `3 V${mailbox.uidValidity} N${mailbox.uidNext}\n`;
  return head + messages.map(({ uid, unique }) => `${uid} :${unique}\n`).join('');
}

/** Version 2 of Dovecot's `subscriptions`: levels are separated by tabs, so that any name can stand in it. */
export function subscriptionsFile(places: readonly string[]): string {
  const lines = places.map((place) => place.split('/').map(subscriptionLevel).join('\t'));
  return `V\t2\n\n${lines.map((line) => `${line}\n`).join('')}`;
}

const subscriptionLevel = (level: string): string => encodeFolderName(level, '\t\\');

/**
 * A path as the layout can have it. Maildir++ separates levels by dots, and in fs a Maildir's own folders lie beside what is
 * below: such names get an underscore, because Dovecot opens no mailbox whose name is spelt in a second way. `nameFile` in
 * the folder says what it is really called.
 */
function layoutPath(path: string, layout: MaildirLayout): string {
  if (layout === 'maildir++') return path.replaceAll('.', '_');
  const levels = path.split('/');
  const reserved = (level: string): boolean => /^(cur|new|tmp|dovecot.*|subscriptions|maildirfolder|\..*)$/.test(level);
  return levels.map((level) => (reserved(level) ? `_${level}` : level)).join('/');
}
