/** What became of a message, as one reads it to somebody on the telephone: where it came from, how long each step took, who has it. */
import type { TracedDelivery, TracedMessage } from '../outbox/relay-desk.js';

/** `2026-11-24 18:05`, UTC. */
export const minute = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');
const second = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ');

/** The first of those who wait, and how many more. */
export function waitingFor({ recipients }: TracedDelivery): string {
  const waiting = recipients.filter(({ state }) => state === 'waiting' || state === 'held');
  const more = waiting.length > 1 ? ` and ${waiting.length - 1} more` : '';
  return `${waiting[0]?.address ?? ''}${more}`;
}

const doors: Readonly<Record<string, string>> = {
  edge: 'from outside',
  internal: 'from a machine of the laboratory',
  outbox: 'from one of our people',
  notice: 'written by the relay',
};

export function storyOf(message: TracedMessage): readonly string[] {
  const { id, from, subject, received, entrance, client, hops, tookMs, sizeBytes } = message;
  const took = Object.entries(tookMs)
    .filter(([, ms]) => ms > 0)
    .map(([step, ms]) => `${step} ${ms} ms`);
  return [
    `${id}  ${from === '' ? '<>' : from}${subject === undefined ? '' : `  "${subject}"`}`,
    `  ${second(received)}  came ${doors[entrance] ?? entrance}${client === undefined ? '' : `, by ${client}`}, ${sizeBytes} octets` +
      (took.length > 0 ? ` (${took.join(', ')})` : ''),
    ...hopLines(hops, received),
    ...message.deliveries.flatMap(deliveryLines),
  ];
}

function hopLines(hops: readonly Date[], received: Date): readonly string[] {
  const [first] = hops;
  if (first === undefined) return [];
  const seconds = Math.round((received.getTime() - first.getTime()) / 1000);
  // A clock of somebody else that is ahead says nothing of the way.
  const said = seconds < 0 ? 'by clocks that disagree' : `${seconds} s before`;
  return [
    `  ${second(first)}  first seen by a host on the way, ${said}, ${hops.length} ${hops.length === 1 ? 'hop' : 'hops'}`,
  ];
}

function deliveryLines({ recipients, route, log, due, held }: TracedDelivery): readonly string[] {
  return [
    ...log.map(
      ({ at, host, reply, tls, ms }) =>
        `  ${second(at)}  ${route}${host === undefined ? '' : ` ${host}`}${tls === undefined ? '' : ` (${tls})`}, ${ms} ms: ${reply}`,
    ),
    ...recipients.map(({ address, state, reply, at }) => {
      const when = at === undefined ? ' '.repeat(19) : second(at);
      if (state === 'waiting') {
        return `  ${when}  ${address} waits${due === undefined ? '' : `, next try ${second(due)}`}${reply === undefined ? '' : `: ${reply}`}`;
      }
      return `  ${when}  ${address} ${state}${held === undefined ? '' : ` (${held})`}${reply === undefined ? '' : `: ${reply}`}`;
    }),
  ];
}
