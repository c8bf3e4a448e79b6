import type { QueueQuery, RelayDesk, TracedMessage } from '../../outbox/relay-desk.js';
import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { printJson, printTable } from '../listing.js';
import { minute, waitingFor } from '../relay-story.js';

const shown = 200;
const changes = ['now', 'hold', 'drop'] as const;

export const relayQueue = command({
  name: 'relay queue',
  takes: [],
  summary: 'show what the relay still has to deliver, or change it',
  details:
    'Without options it lists what waits, the oldest first, and how much waits for each route. --now, --hold and --drop\n' +
    'change what --id, --route or --all name. What is dropped is forgotten: nobody gets it, and nobody is told.',
  examples: [
    'vaguemestre relay queue',
    'vaguemestre relay queue --now --route mx:sigma.example',
    'vaguemestre relay queue --drop --id 8DZ4C2N1QX7K5M3PT --yes',
  ],
  options: {
    now: { type: 'boolean', says: 'try it at once, what was held too' },
    hold: { type: 'boolean', says: 'let nobody try it until --now' },
    drop: { type: 'boolean', says: 'forget it; asks, and needs --yes in scripts' },
    id: { type: 'string', value: 'ID', says: 'the message of this queue id' },
    route: { type: 'string', value: 'ROUTE', says: 'all that waits for this route' },
    all: { type: 'boolean', says: 'all that waits' },
    yes: { type: 'boolean', says: 'do not ask' },
  },
  async run({ values, json, terminal, open }) {
    const asked = changes.filter((change) => values[change] === true);
    if (asked.length > 1) throw new UsageError('one of --now, --hold and --drop at a time');
    const [change] = asked;
    const desk = await (await open()).relay();
    if (change === undefined) return list(desk, json, terminal);
    const what = chosen(values);
    if (change === 'drop' && values.yes !== true)
      throw new UsageError('dropping mail needs --yes: nobody gets it, nobody is told');
    const changed = await desk.change(what, change);
    if (json) printJson(terminal, { changed });
    else terminal.out(`${changed} ${changed === 1 ? 'delivery' : 'deliveries'} changed\n`);
    return exitCodes.ok;
  },
});

function chosen({
  id,
  route,
  all,
}: {
  readonly id?: string;
  readonly route?: string;
  readonly all?: boolean;
}): QueueQuery {
  const named = [id, route, all].filter((one) => one !== undefined);
  if (named.length !== 1) throw new UsageError('name what to change by one of --id, --route and --all');
  return id !== undefined ? { message: id } : route !== undefined ? { route } : { all: true };
}

async function list(desk: RelayDesk, json: boolean, terminal: Parameters<typeof printJson>[0]): Promise<number> {
  const { messages, routes } = await desk.queue(shown);
  if (json) {
    printJson(terminal, { messages, routes });
    return exitCodes.ok;
  }
  if (routes.length === 0) {
    terminal.out('Nothing waits.\n');
    return exitCodes.ok;
  }
  printTable(terminal, ['ID', 'SINCE', 'FROM', 'WAITS FOR', 'TRIES', 'NEXT', 'LAST ANSWER'], messages.flatMap(rowsOf));
  terminal.out('\n');
  printTable(
    terminal,
    ['ROUTE', 'WAITING', 'OLDEST'],
    routes.map(({ route, waiting, oldest }) => [route, String(waiting), minute(oldest)]),
  );
  return exitCodes.ok;
}

function rowsOf(message: TracedMessage): readonly (readonly string[])[] {
  return message.deliveries
    .filter(({ recipients }) => recipients.some(({ state }) => state === 'waiting' || state === 'held'))
    .map((delivery) => [
      message.id,
      minute(message.received),
      message.from === '' ? '<>' : message.from,
      waitingFor(delivery),
      String(delivery.tries),
      delivery.held !== undefined ? 'held' : delivery.due === undefined ? '' : minute(delivery.due),
      (delivery.held ?? delivery.log.at(-1)?.reply ?? '').slice(0, 60),
    ]);
}
