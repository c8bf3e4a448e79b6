/**
 * The relay for administrators: what `relay queue`, `relay trace` and `relay mode` do, over HTTP. All under `/api/admin/relay`; who is no
 * administrator is told nothing.
 */
import type { FastifyInstance } from 'fastify';
import { MailError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type { RelayDesk, RelayMode, TraceQuery } from '../../outbox/relay-desk.js';
import { requireAdministrator } from './require-administrator.js';

export interface RelayRoutesOptions {
  /** Opened when it is first asked for. */
  readonly desk: () => Promise<RelayDesk>;
  readonly log: Log;
}

const limit = { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } as const;
const text = { type: 'string', minLength: 1, maxLength: 1_000 } as const;

const queueQuery = { type: 'object', properties: { limit }, additionalProperties: false } as const;
const traceQuery = {
  type: 'object',
  properties: {
    limit,
    id: text,
    sender: text,
    recipient: text,
    subject: text,
    messageId: text,
    since: { type: 'string', format: 'date-time' },
  },
  additionalProperties: false,
} as const;
const changeBody = {
  type: 'object',
  required: ['change'],
  properties: {
    change: { enum: ['now', 'hold', 'drop'] },
    message: text,
    route: text,
    all: { const: true },
  },
  additionalProperties: false,
} as const;
const modeBody = {
  type: 'object',
  required: ['mode'],
  properties: { mode: { enum: ['campus', 'direct'] }, until: { type: 'string', format: 'date-time' } },
  additionalProperties: false,
} as const;

interface ChangeBody {
  readonly change: 'now' | 'hold' | 'drop';
  readonly message?: string;
  readonly route?: string;
  readonly all?: true;
}

export async function relayRoutes(app: FastifyInstance, { desk, log }: RelayRoutesOptions): Promise<void> {
  app.get<{ Querystring: { limit: number } }>(
    '/api/admin/relay/queue',
    { schema: { querystring: queueQuery } },
    async (request) => {
      requireAdministrator(request);
      return (await desk()).queue(request.query.limit);
    },
  );

  app.post<{ Body: ChangeBody }>('/api/admin/relay/queue', { schema: { body: changeBody } }, async (request) => {
    const { address } = requireAdministrator(request);
    const { change, message, route, all } = request.body;
    if ([message, route, all].filter((one) => one !== undefined).length !== 1) {
      throw new MailError('invalid', 'Name what to change by one of message, route and all');
    }
    const what = message !== undefined ? { message } : route !== undefined ? { route } : ({ all: true } as const);
    const changed = await (await desk()).change(what, change);
    log.warn({ audit: 'relay queue', by: address, change, what, changed }, 'the queue of the relay was changed');
    return { changed };
  });

  app.get<{ Querystring: Omit<TraceQuery, 'since'> & { limit: number; since?: string } }>(
    '/api/admin/relay/trace',
    { schema: { querystring: traceQuery } },
    async (request) => {
      requireAdministrator(request);
      const { limit: most, since, ...query } = request.query;
      return { messages: await (await desk()).trace({ ...query, ...(since && { since: new Date(since) }) }, most) };
    },
  );

  app.get('/api/admin/relay/mode', async (request) => {
    requireAdministrator(request);
    return (await desk()).mode();
  });

  app.put<{ Body: { mode: RelayMode; until?: string } }>(
    '/api/admin/relay/mode',
    { schema: { body: modeBody } },
    async (request) => {
      const { address } = requireAdministrator(request);
      const { mode, until } = request.body;
      const opened = await desk();
      await opened.setMode(mode, address, until === undefined ? undefined : new Date(until));
      log.warn({ audit: 'relay mode', by: address, mode, until }, 'the mode of the relay was changed');
      return opened.mode();
    },
  );
}
