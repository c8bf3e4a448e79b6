import type { Account } from '../../../mailstore/account.js';
import type { StagedMessage } from '../../../mailstore/content.js';

/** Stores the octets of a message: nothing is visible before it is created. MailError tooBig, unavailable. */
export async function stageEmail(
  account: Account,
  octets: AsyncIterable<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<StagedMessage> {
  const incoming = account.receive({ maxBytes });
  try {
    for await (const piece of octets) {
      signal.throwIfAborted();
      // What the mailstore keeps must not change when a decoder uses its buffer again.
      await incoming.write(Uint8Array.from(piece));
    }
    return await incoming.finish();
  } catch (error) {
    incoming.abort();
    throw error;
  }
}
