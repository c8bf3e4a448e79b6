import { dotStuffed } from '../../harness/lmtp-client.js';
import { message } from './corpus.js';

/** The first messages of mix10k, in somebody's inbox. */
export const maildrop = { user: 3, count: 2_000, corpus: 'mix10k' } as const;

/** What all of it is on the wire: dots doubled, without the final dot of each. */
export function maildropOctets(): number {
  let octets = 0;
  for (let i = 0; i < maildrop.count; i++) octets += dotStuffed(message(maildrop.corpus, i)).length - '.\r\n'.length;
  return octets;
}
