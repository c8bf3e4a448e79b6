/**
 * What is known of whoever wrote a message: by the service (`GET /api/directory/sender`), and from the mailbox, whether
 * anything was ever exchanged with the address before. Asked once for each sender, and only when a message of theirs is open.
 * What cannot be had is not claimed: `of` never rejects.
 */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { SenderFacts } from '@vaguemestre/shared/sender-facts';
import type { JmapClient } from '../jmap/client.js';

export interface Acquaintance extends SenderFacts {
  /** This message is the first that was exchanged with the address. */
  readonly first: boolean;
}

export interface Acquaintances {
  of(from: EmailAddress, messageId: string): Promise<Acquaintance | undefined>;
}

interface Known {
  readonly facts: SenderFacts;
  /** The earliest message from or to the address. */
  readonly earliest: string | undefined;
}

const mostKnown = 500;

export function createAcquaintances(
  client: Pick<JmapClient, 'call'>,
  askFor: (path: string) => Promise<{ json(): Promise<unknown> }>,
): Acquaintances {
  const known = new Map<string, Promise<Known>>();

  async function learn({ email, name }: EmailAddress): Promise<Known> {
    const query = new URLSearchParams({ address: email, name: name ?? '' });
    const facts = (await (await askFor(`/api/directory/sender?${query}`)).json()) as SenderFacts;
    if (facts.inside || facts.writtenTo) return { facts, earliest: undefined };
    const filter = { operator: 'OR' as const, conditions: [{ from: email }, { to: email }] };
    const sort = [{ property: 'receivedAt', isAscending: true }] as const;
    const { ids } = await client.call('Email/query', { filter, sort, limit: 1 }).result;
    return { facts, earliest: ids[0] };
  }

  return {
    async of(from, messageId) {
      const email = from.email.slice(0, 320).toLowerCase();
      const name = (from.name ?? '').slice(0, 200);
      const key = `${email} ${name}`;
      const asked = known.get(key) ?? learn({ email, name });
      known.delete(key);
      known.set(key, asked);
      if (known.size > mostKnown) known.delete(known.keys().next().value ?? '');
      try {
        const { facts, earliest } = await asked;
        return { ...facts, first: earliest === messageId };
      } catch {
        known.delete(key);
        return undefined;
      }
    },
  };
}
