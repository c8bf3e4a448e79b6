import { createHash } from 'node:crypto';
import type { AppendItem, BenchImap } from './clients/imap.js';
import { bigMessage, corpusSizes, Digest, internalDate, isSeen, message, totals } from './mail/corpus.js';
import { maildrop } from './mail/maildrop.js';
import { range } from './measure.js';
import { checkEqual, type Target } from './target.js';

const mailboxes = [
  { corpus: 'mix10k', user: 2, mailbox: 'Bench10k' },
  { corpus: 'big100k', user: 1, mailbox: 'Bench100k' },
] as const;

/** MULTIAPPEND where the server has it, else pipelined LITERAL+, else one by one. */
export async function appendAll(
  client: BenchImap,
  mailbox: string,
  items: readonly AppendItem[],
  batch: number,
): Promise<void> {
  const capabilities = await client.capabilities();
  if (capabilities.has('MULTIAPPEND')) {
    for (let i = 0; i < items.length; i += batch) await client.append(mailbox, items.slice(i, i + batch));
  } else if (capabilities.has('LITERAL+')) {
    for (let i = 0; i < items.length; i += 50) {
      await Promise.all(items.slice(i, i + 50).map((item) => client.append(mailbox, [item])));
    }
  } else for (const item of items) await client.append(mailbox, [item]);
}

/** Fills the mailboxes that the scenarios read. What is there already is left alone. */
export async function load(target: Target, say: (line: string) => void): Promise<void> {
  for (const { corpus, user, mailbox } of mailboxes) {
    const count = corpusSizes[corpus];
    const client = await target.imap(user);
    await client.command(`CREATE ${mailbox}`, true);
    const have = await client.status(mailbox, 'MESSAGES');
    if (have !== count) {
      checkEqual(have, 0, `${mailbox} of ${target.user(user)} must be empty; messages`);
      const start = performance.now();
      for (let i = 0; i < count; i += 1000) {
        const items = range(i, Math.min(count, i + 1000) - 1).map((k) => ({
          body: message(corpus, k),
          flags: [isSeen(corpus, k) && '\\Seen', k % 17 === 0 && '\\Flagged', k % 11 === 0 && '\\Answered']
            .filter(Boolean)
            .join(' '),
          date: internalDate(corpus, k),
        }));
        await appendAll(client, mailbox, items, 100);
      }
      checkEqual(await client.status(mailbox, 'MESSAGES'), count, `${mailbox}: messages after the load`);
      say(`${mailbox}: ${count} messages in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    await client.logout();
  }
  if (target.ports.pop3 !== undefined) await loadMaildrop(target, say);
  const client = await target.imap(2);
  await client.command('CREATE Big', true);
  if ((await client.status('Big', 'MESSAGES')) === 0) await client.append('Big', [{ body: bigMessage() }]);
  await client.logout();
}

async function loadMaildrop(target: Target, say: (line: string) => void): Promise<void> {
  const { user, count, corpus } = maildrop;
  const client = await target.imap(user);
  if ((await client.status('INBOX', 'MESSAGES')) === 0) {
    const items = range(0, count - 1).map((k) => ({
      body: message(corpus, k),
      flags: '',
      date: internalDate(corpus, k),
    }));
    await appendAll(client, 'INBOX', items, 100);
    say(`INBOX of ${target.user(user)}: ${count} messages`);
  }
  await client.logout();
}

/** Every stored octet against what was loaded. */
export async function verify(target: Target, say: (line: string) => void): Promise<void> {
  for (const { corpus, user, mailbox } of mailboxes) {
    const client = await target.imap(user);
    await client.select(mailbox);
    const digest = new Digest();
    let hash = createHash('sha1');
    let octets = 0;
    client.onLiteral = (chunk) => {
      hash.update(chunk);
      octets += chunk.length;
    };
    client.onLiteralEnd = () => {
      digest.addHash(hash.digest());
      hash = createHash('sha1');
    };
    await client.command('UID FETCH 1:* (BODY.PEEK[])');
    client.onLiteral = undefined;
    client.onLiteralEnd = undefined;
    const wanted = totals(corpus);
    checkEqual(octets, wanted.octets, `${mailbox}: octets`);
    checkEqual(digest.value(), wanted.digest, `${mailbox}: digest`);
    let sizes = 0;
    for (const line of await client.lines('FETCH 1:* (RFC822.SIZE)')) {
      sizes += Number(/RFC822\.SIZE (\d+)/.exec(line)?.[1] ?? 0);
    }
    checkEqual(sizes, wanted.octets, `${mailbox}: sum of RFC822.SIZE`);
    say(`${mailbox}: ${octets} octets, equal to what was loaded`);
    await client.logout();
  }
}
