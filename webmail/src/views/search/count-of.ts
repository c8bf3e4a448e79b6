/** How many rows a filter would give; undefined when it cannot be known now. */
import type { EmailFilter } from '../../jmap/store/email-filter.js';
import { mail } from '../../state/mail.svelte.js';

export async function countOf(
  filter: EmailFilter,
  collapseThreads: boolean,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const counting = { filter, limit: 0, calculateTotal: true, collapseThreads };
    return (await mail.store.client.call('Email/query', counting, { signal }).result).total;
  } catch {
    return undefined;
  }
}
