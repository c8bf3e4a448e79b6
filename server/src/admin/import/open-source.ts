import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MailError } from '../../kernel/errors.js';
import { emlSource, folderSource } from './folder-source.js';
import { connectImapSource } from './imap-source.js';
import type { MailSource } from './mail-source.js';
import { holdsMaildirs, isMaildir, maildirSource } from './maildir-source.js';
import { isMbox, mboxSource } from './mbox-source.js';

/** Finds out what a SOURCE is by looking at it. */
export async function openSource(
  source: string,
  remote: { readonly insecure: boolean; password(): Promise<string> },
): Promise<MailSource> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) {
    const url = readUrl(source);
    return await connectImapSource({ url, insecure: remote.insecure, password: await remote.password() });
  }
  const path = resolve(source);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'is not there' : `cannot be read: ${error.message}`;
    throw new MailError('invalid', `${source} ${why}`);
  });
  if (found.isDirectory()) {
    return (await isMaildir(path)) || (await holdsMaildirs(path)) ? maildirSource(path) : folderSource(path);
  }
  return (await isMbox(path)) && !/\.eml$/i.test(path) ? mboxSource(path) : emlSource(path);
}

function readUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new MailError('invalid', `"${text}" is no address; write imaps://user@host`);
  }
  if (url.protocol !== 'imaps:' && url.protocol !== 'imap:') {
    throw new MailError('invalid', `${url.protocol}// cannot be imported from; imaps:// can`);
  }
  if (url.password !== '') {
    throw new MailError('invalid', 'a password in the address would be seen by others: it is asked for');
  }
  if (url.username === '') throw new MailError('invalid', `who logs in? Write ${url.protocol}//user@${url.host}`);
  return url;
}

/** The same source under the same name, whatever folder the command was typed in. */
export const sourceName = (source: string): string => (source.includes('://') ? source : resolve(source));
