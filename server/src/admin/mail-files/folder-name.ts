/**
 * Names of mailboxes as folders on disk. Dovecot and Courier write modified UTF-7 (RFC 3501 5.1.3), newer set-ups and people
 * write UTF-8; both are read, and what is neither is taken as it stands. Written is modified UTF-7; the files of an mbox
 * export have what would mean something to a file system (a leading dot, a level called `cur`) in base64 too. That is not the
 * one spelling that IMAP asks for, which is why the decoder here is more lenient than that of the protocol.
 */
const shifted = /&([A-Za-z0-9+,]*)-/g;

export function decodeFolderName(name: string): string {
  if (!name.includes('&') || /[^\x20-\x7e]/.test(name)) return name.normalize('NFC');
  let valid = true;
  const decoded = name.replaceAll(shifted, (_, base64: string) => {
    if (base64 === '') return '&';
    const octets = Buffer.from(base64.replaceAll(',', '/'), 'base64');
    if (octets.length < 2) valid = false;
    let text = '';
    for (let i = 0; i + 1 < octets.length; i += 2) text += String.fromCharCode(octets.readUInt16BE(i));
    return text;
  });
  if (!valid || /\p{Surrogate}/u.test(decoded)) return name;
  return decoded.normalize('NFC');
}

/** One level of a path. `special` are further characters that must not stand as they are. */
export function encodeFolderName(level: string, special: string): string {
  let encoded = '';
  let run = '';
  const close = (): void => {
    if (run === '') return;
    const octets = Buffer.alloc(run.length * 2);
    for (let i = 0; i < run.length; i++) octets.writeUInt16BE(run.charCodeAt(i), i * 2);
    encoded += `&${octets.toString('base64').replaceAll('/', ',').replaceAll('=', '')}-`;
    run = '';
  };
  for (let i = 0; i < level.length; i++) {
    const unit = level.charAt(i);
    if (unit < ' ' || unit > '~' || special.includes(unit)) run += unit;
    else {
      close();
      encoded += unit === '&' ? '&-' : unit;
    }
  }
  close();
  return encoded;
}

/** In a folder whose mailbox has a name that the layout cannot have: that name, one line of UTF-8. Written by our export. */
export const nameFile = 'vaguemestre-name';

/** In the fs layout these folders are the Maildir itself. */
const maildirFolders = new Set(['cur', 'new', 'tmp']);

/** A level of a path as a folder of the fs layout: never hidden, never one of a Maildir's own. */
export function encodeFsFolder(level: string): string {
  const needsMask = maildirFolders.has(level) || level.startsWith('.') || level.startsWith('dovecot');
  if (!needsMask) return encodeFolderName(level, '/\\:');
  const first = level.charAt(0);
  return `${encodeFolderName(first, first)}${encodeFolderName(level.slice(1), '/\\:')}`;
}
