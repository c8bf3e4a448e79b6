import { facts } from '../mail/corpus.js';
import { rare, rareFrom, rareSubject } from '../mail/rare.js';
import { openBench10k } from '../mailboxes.js';
import type { Run } from '../measure.js';
import { check, checkEqual } from '../target.js';

/** How many messages a SEARCH or ESEARCH response names. */
export function hitCount(lines: readonly string[]): number {
  const line = lines.find((text) => /^\* E?SEARCH/i.test(text));
  check(line !== undefined, 'no SEARCH response');
  if (!/^\* ESEARCH/i.test(line)) return (line.replace(/\(MODSEQ \d+\)/i, '').match(/\d+/g) ?? []).length;
  const set = /ALL ([\d:,]+)/i.exec(line)?.[1];
  if (set === undefined) return 0;
  return set.split(',').reduce((sum, part) => {
    const [from, to] = part.split(':').map(Number);
    return sum + (to === undefined ? 1 : to - from! + 1);
  }, 0);
}

/** The hits must be exactly the corpus's, whatever the encoding of the part that holds the word. */
export async function search(run: Run): Promise<void> {
  for (const [name, query, wanted] of [
    ['search-unseen', 'UNSEEN', facts.unseen],
    ['search-from', `FROM "${rareFrom}"`, facts.from],
    ['search-subject', `SUBJECT "${rareSubject}"`, facts.subject],
    ['search-body', `BODY "${rare.word}"`, facts.body],
    ['search-text', `TEXT "${rare.word}"`, facts.text],
  ] as const) {
    const client = await openBench10k(run.target);
    let lines: string[] = [];
    await run.latency(name, async () => {
      lines = await client.lines(`UID SEARCH ${query}`);
      return 1;
    });
    checkEqual(hitCount(lines), wanted, `${name}: hits`);
    await client.logout();
  }
}
