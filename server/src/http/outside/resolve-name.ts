/**
 * Every address of a name, asked of the network's resolvers directly. Not by way of the system's look-up: that occupies one of
 * the few threads in which passwords are hashed for as long as a stranger's name server likes, and it knows names of this
 * machine that mean nothing outside.
 */
import { Resolver } from 'node:dns/promises';

export type ResolveName = (name: string) => Promise<readonly string[]>;

/** Two tries of two seconds: within what a picture may take. */
const limits = { timeout: 2_000, tries: 2 };
/** RFC 2308: there is such a name, but no address of this kind; or there is none. */
const noAddress: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND']);

/** `servers` in place of those of the system, as `address:port`. Rejects when a resolver does not answer. */
export function nameResolver(servers?: readonly string[]): ResolveName {
  const resolver = new Resolver(limits);
  if (servers !== undefined) resolver.setServers([...servers]);
  return async (name) => {
    // IPv4 first: more machines reach it.
    const found = await Promise.all([some(resolver.resolve4(name)), some(resolver.resolve6(name))]);
    return found.flat();
  };
}

async function some(answer: Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await answer;
  } catch (error) {
    if (noAddress.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
