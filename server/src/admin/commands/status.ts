import { resolve } from 'node:path';
import { type Role, roles } from '@vaguemestre/shared/people';
import { lockOwner } from '../../database/data-folder.js';
import type { OutboxCounts } from '../../database/submissions.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { printFields, printJson, printTable } from '../listing.js';
import { type PersonState, personState } from '../person-view.js';
import { amount } from '../progress-bar.js';

interface Holding {
  readonly address: string;
  readonly role: Role;
  readonly state: PersonState;
  readonly messages: number;
  readonly usedBytes: number;
  readonly quotaBytes: number | null;
}

function outboxLine({ waiting, held, scheduled, oldest }: OutboxCounts): string {
  if (oldest === undefined) return 'empty';
  const parts = [
    `${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'}`,
    ...(scheduled > 0 ? [`${scheduled} for a later time`] : []),
    ...(held > 0 ? [`${held} for a way out of the laboratory`] : []),
  ];
  return `${parts.join(', ')}; the oldest since ${oldest.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const soonMs = 14 * 24 * 3600_000;

export const status = command({
  name: 'status',
  takes: [],
  summary: 'show what runs on this data, who is here, how much mail they keep and what waits to be sent',
  details:
    'Reads the root of each account: a second for some hundred people. Beside a running service it disturbs nobody.',
  options: { people: { type: 'boolean', says: 'list each person with the space they use' } },
  async run({ values, json, config, terminal, open }) {
    const { people, mailstore, outbox, serviceRuns, where } = await open();
    const owner = serviceRuns ? await lockOwner(resolve(config.values.data)) : undefined;
    const now = Date.now();
    const everybody = await people.list();
    const each: Holding[] = [];
    for (const person of everybody) {
      const account = await mailstore.openAccount(person._id, { by: 'admin' });
      const { usedBytes, messages } = account.quota();
      account.release();
      const quotaBytes = person.quota ?? null;
      each.push({
        address: person.address,
        role: person.role,
        state: personState(person, now),
        messages,
        usedBytes,
        quotaBytes,
      });
    }
    const waiting = await outbox.counts();
    const inState = (state: PersonState): number => each.filter((one) => one.state === state).length;
    const summary = {
      store: where,
      service: owner === undefined ? null : { pid: owner.pid, since: owner.started },
      domain: config.values.domain,
      people: everybody.length,
      roles: Object.fromEntries(roles.map((role) => [role, each.filter((one) => one.role === role).length])),
      active: inState('active'),
      disabled: inState('disabled'),
      expired: inState('expired'),
      removing: inState('removing'),
      endSoon: everybody
        .filter(({ expires }) => expires !== undefined && +expires >= now && +expires < now + soonMs)
        .map((one) => one.address),
      nearlyFull: each
        .filter((one) => one.quotaBytes && one.usedBytes > one.quotaBytes * 0.9)
        .map((one) => one.address),
      messages: each.reduce((sum, one) => sum + one.messages, 0),
      bytes: each.reduce((sum, one) => sum + one.usedBytes, 0),
      outbox: { ...waiting, oldest: waiting.oldest ?? null },
    };
    if (json) {
      printJson(terminal, values.people === true ? { ...summary, each } : summary);
      return exitCodes.ok;
    }
    const others = (['disabled', 'expired', 'removing'] as const).filter((state) => summary[state] > 0);
    printFields(terminal, [
      ['store', summary.store],
      ['service', owner === undefined ? 'none runs on this folder' : `process ${owner.pid}, since ${owner.started}`],
      ['domain', summary.domain],
      ['people', `${summary.people}${others.map((state) => `, ${summary[state]} ${state}`).join('')}`],
      ['by role', roles.map((role) => `${summary.roles[role]} ${role}`).join(', ')],
      ['mail', `${summary.messages} messages, ${amount(summary.bytes)}`],
      ['outbox', outboxLine(waiting)],
      ...(summary.endSoon.length > 0 ? [['end within 14 days', summary.endSoon.join(', ')] as const] : []),
      ...(summary.nearlyFull.length > 0 ? [['nearly full', summary.nearlyFull.join(', ')] as const] : []),
    ]);
    if (values.people === true) {
      terminal.out('\n');
      const rows = each.map((one) => [
        one.address,
        one.state,
        `${one.messages}`,
        amount(one.usedBytes),
        one.quotaBytes === null ? '' : amount(one.quotaBytes),
      ]);
      printTable(terminal, ['ADDRESS', 'STATE', 'MESSAGES', 'USES', 'QUOTA'], rows);
    }
    return exitCodes.ok;
  },
});
