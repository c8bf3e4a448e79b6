/** People for an address field, as the service knows them: of the laboratory, and those one wrote to. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import { ask } from '../jmap/transport.js';

interface Suggestion {
  readonly name: string;
  readonly address: string;
}

const most = 8;

export async function suggestPeople(what: string, signal: AbortSignal): Promise<readonly EmailAddress[]> {
  const response = await ask(`/api/directory?q=${encodeURIComponent(what)}&limit=${most}`, { signal });
  const { list } = (await response.json()) as { readonly list: readonly Suggestion[] };
  return list.map(({ name, address }) => ({ name: name === '' ? null : name, email: address }));
}
