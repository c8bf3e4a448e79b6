/**
 * Lists that a client keeps: whatever IMAP and JMAP do to an account, the old result of a query with `queryChanges` applied is the new
 * result, for filters and sorts that depend on keywords, mailboxes, threads and text (RFC 8620 5.6, RFC 8621 4.5).
 */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { parseEmailFilter } from '@vaguemestre/server/http/jmap/email/email-filter';
import { emailList, emailQuery } from '@vaguemestre/server/http/jmap/email/email-list';
import { newestMatching } from '@vaguemestre/server/http/jmap/email/newest-matching';
import fc from 'fast-check';
import { type Answer, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { randomCommand, runOnAccount } from '../mailstore/account-commands.js';
import { randomSet, runSet } from '../mailstore/email-sets.js';
import { takeSnapshot } from '../mailstore/email-snapshot.js';

const runs = Number(process.env['VAGUEMESTRE_PROPERTY_RUNS'] ?? 12);
const newest = [{ property: 'receivedAt', isAscending: false }];

const queries = (inbox: string): readonly Record<string, unknown>[] => [
  {},
  { filter: { inMailbox: inbox } },
  { filter: { inMailbox: inbox }, collapseThreads: true },
  { filter: { inMailboxOtherThan: [inbox] }, sort: newest },
  { filter: { notKeyword: '$seen' } },
  { filter: { someInThreadHaveKeyword: '$flagged' }, collapseThreads: true },
  { filter: { operator: 'NOT', conditions: [{ allInThreadHaveKeyword: '$seen' }] } },
  { filter: { text: 'bruno' }, sort: [{ property: 'hasKeyword', keyword: '$flagged', isAscending: false }, ...newest] },
  { sort: [{ property: 'someInThreadHaveKeyword', keyword: 'travail' }], collapseThreads: true },
  { filter: { hasAttachment: false }, sort: [{ property: 'subject' }, { property: 'size' }] },
];

/** RFC 8620 5.6: take out what was removed, then put in what was added, lowest index first. */
function applied(ids: readonly string[], { removed, added }: Answer): string[] {
  const gone = new Set<string>(removed);
  const next = ids.filter((id) => !gone.has(id));
  for (const { id, index } of added) next.splice(index, 0, id);
  return next;
}

let service: JmapService;
before(async () => {
  service = await startJmapService();
});
after(() => service.close());

it('the beginning of a list that is searched from the newest on is the beginning of the whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(randomSet, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (commands, enough, firstStep, collapseThreads) => {
        const { account } = await service.person();
        for (const command of commands) await runSet(account, await takeSnapshot(account), command);
        const filter = parseEmailFilter({ operator: 'OR', conditions: [{ body: 'y' }, { hasKeyword: '$flagged' }] });
        const emails = await account.emails();
        const { signal } = new AbortController();
        const part = await newestMatching(account, emails, { filter, collapseThreads }, { enough, firstStep, signal });
        const whole = await emailList(account, emailQuery(filter, [], collapseThreads), signal);
        assert.deepEqual([...part], [...whole.numbers.subarray(0, part.length)]);
        assert.ok(part.length >= Math.min(enough, whole.numbers.length));
      },
    ),
    { numRuns: runs, includeErrorInReport: true },
  );
});

it('the old list with its changes is the new list', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(randomCommand, randomSet), { minLength: 1, maxLength: 14 }),
      async (commands) => {
        const anne = await service.person();
        const inbox = anne.account.mailboxByRole('inbox')!.id;
        const asked = queries(inbox);
        const answers = async (): Promise<Answer[]> => {
          const { methodResponses } = await anne.request(
            asked.map((args, i) => ['Email/query', { accountId: anne.accountId, ...args }, String(i)]),
          );
          return methodResponses.map(([, answer]) => answer);
        };
        const history: Answer[][] = [await answers()];
        for (const command of commands) {
          if (command.kind === 'set') await runSet(anne.account, await takeSnapshot(anne.account), command);
          else await runOnAccount(anne.account, command);
          history.push(await answers());
        }
        const now = history.at(-1)!;
        for (const past of history) {
          const { methodResponses } = await anne.request(
            asked.map((args, i) => [
              'Email/queryChanges',
              { accountId: anne.accountId, ...args, sinceQueryState: past[i].queryState, calculateTotal: true },
              String(i),
            ]),
          );
          for (const [i, [name, changes]] of (methodResponses as Answer[]).entries()) {
            assert.equal(name, 'Email/queryChanges', JSON.stringify(changes));
            assert.equal(changes.newQueryState, now[i].queryState);
            assert.equal(changes.total, now[i].ids.length);
            assert.deepEqual(applied(past[i].ids, changes), now[i].ids, JSON.stringify(asked[i]));
          }
        }
      },
    ),
    { numRuns: runs, includeErrorInReport: true },
  );
});
