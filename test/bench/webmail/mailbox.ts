/** A person's mail for measuring the webmail: an inbox of so many messages, and folders with mail of every kind. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Laboratory } from '../../harness/laboratory.js';
import { appendAll } from '../load.js';
import { type CorpusName, internalDate, isSeen, message } from '../mail/corpus.js';
import { range } from '../measure.js';
import { Target } from '../target.js';

export const person = 'claire';

/** Nothing is done when it is there already. */
export async function fillMailbox(laboratory: Laboratory, messages: number): Promise<void> {
  const { service } = laboratory;
  const file = join(service.folder, 'bench-target.json');
  const users = { pattern: person, count: 1, domain: 'labo.example', password: laboratory.password };
  const ports = { imap: service.port('imap') };
  writeFileSync(file, JSON.stringify({ name: 'here', host: '127.0.0.1', ports, users, pidFiles: [] }));
  const client = await new Target(file).imap(1);
  const folders: readonly (readonly [string, CorpusName, number])[] = [
    ['INBOX', 'big100k', messages],
    ['Projets', 'mix10k', Math.min(messages, 400)],
    ['Collegues', 'big100k', Math.min(messages, 400)],
  ];
  for (const [mailbox, corpus, count] of folders) {
    await client.command(`CREATE ${mailbox}`, true);
    await client.command(`SUBSCRIBE ${mailbox}`); // the side bar folds away what is not
    if ((await client.status(mailbox, 'MESSAGES')) >= count) continue;
    for (let first = 0; first < count; first += 1000) {
      const items = range(first, Math.min(count, first + 1000) - 1).map((i) => ({
        body: message(corpus, i),
        flags: isSeen(corpus, i) ? '\\Seen' : '',
        date: internalDate(corpus, i),
      }));
      await appendAll(client, mailbox, items, 100);
    }
  }
  await client.logout();
}
