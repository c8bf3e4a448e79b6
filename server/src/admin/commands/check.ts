import type { AccountCheck, Finding } from '../../mailstore/check/finding.js';
import { command, type Workplace } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { harmless, printJson } from '../listing.js';
import { amount, createProgressBar, duration } from '../progress-bar.js';

/** Of people rather than of mail: account id, what is wrong, and how it is mended. */
interface PeopleFinding {
  readonly account: string;
  readonly kind: 'person';
  readonly says: string;
  mend?(): Promise<unknown>;
}

export const check = command({
  name: 'check',
  takes: [],
  summary: 'verify every invariant of the store and say what is wrong',
  details: `Counts every total again, follows the log of each account, looks for every message and reads every content to
compare it with the SHA-256 of what was handed over. It may run beside a service. Documents that a crash left and that
nothing names are counted, and are no fault.

--repair mends what can be mended without losing anything: totals that a recount corrects, a damaged part of a mailbox, whose
messages come back in a mailbox "Recovered", lists and search signatures, a person's mailboxes that are missing, a removal
that was interrupted. It wants the service stopped. Nothing else is touched: what cannot be explained is
reported and left as it is. Exit code 1: something is wrong (still).`,
  options: {
    user: { type: 'string', value: 'ADDRESS', says: 'only this person' },
    quick: { type: 'boolean', says: 'do not read the contents of messages again' },
    deep: { type: 'boolean', says: 'compare all lists and search signatures with new ones, not a sample' },
    repair: { type: 'boolean', says: 'mend what can be mended' },
  },
  async run({ values, json, terminal, open, signal }) {
    const workplace = await open();
    if (values.repair === true && workplace.serviceRuns) {
      throw new UsageError('--repair needs the service stopped: it would go on with what it holds in memory');
    }
    const { checker, people } = workplace;
    const only = values.user === undefined ? undefined : (await people.find(values.user))._id;
    const names = new Map<string, string>((await people.list()).map((one) => [one._id, one.address]));
    const accounts = only === undefined ? await checker.accounts() : [only];
    const bar = createProgressBar(terminal);
    const started = performance.now();
    const checks: AccountCheck[] = [];
    const peopleFindings = await checkPeople(workplace, accounts, only);
    for (const [i, account] of accounts.entries()) {
      signal.throwIfAborted();
      bar.update(i / accounts.length, names.get(account) ?? account);
      checks.push(await checker.check(account, { quick: values.quick ?? false, deep: values.deep ?? false, signal }));
    }
    bar.end();
    const findings: (Finding | PeopleFinding)[] = [...peopleFindings, ...checks.flatMap((one) => one.findings)];
    const mended = values.repair === true ? await repair(workplace, peopleFindings, checks) : [];
    const left = findings.length - mended.length;
    const sum = (count: (one: AccountCheck) => number): number => checks.reduce((all, one) => all + count(one), 0);
    const report = {
      accounts: checks.length,
      mailboxes: sum((one) => one.mailboxes),
      messages: sum((one) => one.messages),
      entries: sum((one) => one.entries),
      verifiedBytes: sum((one) => one.verifiedBytes),
      orphans: {
        messages: sum((one) => one.orphans.messages),
        segments: sum((one) => one.orphans.segments),
        contents: sum((one) => one.orphans.contents),
      },
      findings: findings.map(({ account, kind, says }) => ({
        account,
        person: names.get(account) ?? null,
        kind,
        says,
      })),
      mended: mended.length,
      elapsedMs: Math.round(performance.now() - started),
    };
    if (json) printJson(terminal, report);
    else {
      for (const one of report.findings)
        terminal.out(`${harmless(`${one.person ?? one.account}: ${one.kind}: ${one.says}`)}\n`);
      terminal.out(summary(report, left));
    }
    return left === 0 ? exitCodes.ok : exitCodes.incomplete;
  },
});

interface Report {
  readonly accounts: number;
  readonly mailboxes: number;
  readonly messages: number;
  readonly verifiedBytes: number;
  readonly orphans: AccountCheck['orphans'];
  readonly findings: readonly unknown[];
  readonly mended: number;
  readonly elapsedMs: number;
}

function summary(report: Report, left: number): string {
  const { accounts, mailboxes, messages, verifiedBytes, orphans, findings, mended, elapsedMs } = report;
  const looked = `${accounts} accounts, ${mailboxes} mailboxes, ${messages} messages, ${amount(verifiedBytes)} verified`;
  const leftover = orphans.messages + orphans.segments + orphans.contents;
  const lines = [`${looked} in ${duration(elapsedMs)}`];
  if (leftover > 0) lines.push(`${leftover} documents that nothing names are left of interrupted commands`);
  if (findings.length === 0) lines.push('nothing wrong');
  else lines.push(`${findings.length} wrong${mended > 0 ? `, ${mended} mended, ${left} left` : ''}`);
  return `${lines.join('\n')}\n`;
}

/** People and mail belong together: nobody without mailboxes, no mailboxes without somebody, no removal half done. */
async function checkPeople(
  { people, mailstore }: Workplace,
  accounts: readonly string[],
  only: string | undefined,
): Promise<PeopleFinding[]> {
  const findings: PeopleFinding[] = [];
  const everybody = await people.list();
  const withMail = new Set(accounts);
  for (const person of everybody) {
    if (only !== undefined && person._id !== only) continue;
    const finding = { account: person._id, kind: 'person' } as const;
    if (person.removing !== undefined) {
      const mend = (): Promise<void> => people.remove(person.address);
      findings.push({ ...finding, says: `the removal of ${person.address} was interrupted`, mend });
    } else if (!withMail.has(person._id)) {
      const mend = (): Promise<void> => mailstore.createAccount(person._id, { lang: person.lang });
      findings.push({ ...finding, says: `${person.address} has no mailboxes`, mend });
    }
  }
  if (only !== undefined) return findings;
  const known = new Set<string>(everybody.map((one) => one._id));
  for (const account of accounts) {
    if (!known.has(account)) findings.push({ account, kind: 'person', says: 'mailboxes that belong to nobody' });
  }
  return findings;
}

const mendable: ReadonlySet<string> = new Set(['totals', 'segment', 'derived']);

/** Resolves with what was mended. */
async function repair(
  { checker }: Workplace,
  people: readonly PeopleFinding[],
  checks: readonly AccountCheck[],
): Promise<(Finding | PeopleFinding)[]> {
  const mended: (Finding | PeopleFinding)[] = [];
  for (const finding of people) {
    if (finding.mend === undefined) continue;
    await finding.mend();
    mended.push(finding);
  }
  for (const { account, findings } of checks) {
    if (!findings.some(({ kind }) => mendable.has(kind))) continue;
    await checker.repair(account);
    const { findings: after } = await checker.check(account, { quick: true, deep: true });
    mended.push(...findings.filter((one) => mendable.has(one.kind) && !after.some(({ says }) => says === one.says)));
  }
  return mended;
}
