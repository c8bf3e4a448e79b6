/**
 * `GET /api/directory?q=`: whom somebody may mean who types into an address field: people of the laboratory, and addresses they
 * wrote to. What they used often and lately stands first. At most `limit` (20). `GET /api/directory/sender?address=&name=`: what is
 * known of whoever a message is from. Both throttled by person, as each answer shows some people and a thousand show all of
 * them.
 */
import type { FastifyInstance } from 'fastify';
import { matcher, type PeopleFinder, searchable } from '../../auth/people-finder.js';
import type { Clock } from '../../kernel/clock.js';
import { MailError } from '../../kernel/errors.js';
import type { Correspondents } from '../../outbox/correspondents.js';
import { requireSignedIn } from '../auth/signed-in.js';
import { createAllowance } from './allowance.js';
import { judgeSender } from './judge-sender.js';

export interface DirectoryOptions {
  readonly finder: PeopleFinder;
  readonly correspondents: Correspondents;
  /** Of the laboratory. */
  readonly domain: string;
  readonly clock: Clock;
}

export interface Suggestion {
  readonly name: string;
  readonly address: string;
  /** It is an address of the laboratory. */
  readonly inside: boolean;
}

const mostSuggestions = 20;
const longestQuery = 200;
const longestAddress = 320;

export async function directoryRoutes(app: FastifyInstance, options: DirectoryOptions): Promise<void> {
  const allowance = createAllowance({ burst: 60, perSecond: 10 }, options.clock);
  app.get('/api/directory', async (request, reply) => {
    const { principal } = requireSignedIn(request);
    if (!allowance.take(principal.account)) throw new MailError('throttled', 'Too many questions, wait a moment');
    const { q = '', limit = String(mostSuggestions) } = request.query as Record<string, unknown>;
    if (typeof q !== 'string' || typeof limit !== 'string' || q.length > longestQuery) {
      throw new MailError('invalid', 'q is what was typed, up to 200 characters');
    }
    const most = Math.min(mostSuggestions, Math.max(1, Math.trunc(Number(limit)) || mostSuggestions));
    reply.header('cache-control', 'no-store');
    return { list: await suggest(options, principal.account, q, most) };
  });

  app.get('/api/directory/sender', async (request, reply) => {
    const { principal } = requireSignedIn(request);
    if (!allowance.take(principal.account)) throw new MailError('throttled', 'Too many questions, wait a moment');
    const { address, name = '' } = request.query as Record<string, unknown>;
    if (typeof address !== 'string' || typeof name !== 'string' || address.length > longestAddress) {
      throw new MailError('invalid', 'address is the one that the message is from');
    }
    const [people, written] = await Promise.all([
      options.finder.find('', Number.POSITIVE_INFINITY),
      options.correspondents.list(principal.account),
    ]);
    reply.header('cache-control', 'no-store');
    return judgeSender({ people, written, domain: options.domain }, address, name);
  });
}

async function suggest(
  { finder, correspondents, domain }: DirectoryOptions,
  account: string,
  typed: string,
  most: number,
): Promise<readonly Suggestion[]> {
  const [used, people] = await Promise.all([correspondents.list(account), finder.find(typed, most)]);
  const matches = matcher(typed);
  const found = new Map<string, Suggestion>();
  const add = ({ name, address }: { readonly name: string; readonly address: string }): void => {
    const key = address.toLowerCase();
    if (found.size < most && !found.has(key)) found.set(key, { name, address, inside: key.endsWith(`@${domain}`) });
  };
  for (const one of used) if (matches(searchable(one.name, [one.address]))) add(one);
  for (const one of people) add(one);
  return [...found.values()];
}
