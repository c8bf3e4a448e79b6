/**
 * Marks of taken messages reach the store some seconds after the first of them, and when the session ends; no reply waits for
 * them, and one that fails is tried again with the next.
 */
import { MailError } from '../kernel/errors.js';
import type { Pop3Session } from './session.js';

export function markSoon(session: Pop3Session): void {
  const { marking, services } = session;
  if (marking.timer !== undefined) return;
  marking.timer = setTimeout(() => {
    marking.timer = undefined;
    if (session.ending) return;
    marking.running = markNow(session).finally(() => {
      marking.running = undefined;
    });
  }, services.timeouts.markMs);
  marking.timer.unref();
}

/** Nothing is marked by itself from here on. */
export async function stopMarking({ marking }: Pop3Session): Promise<void> {
  clearTimeout(marking.timer);
  marking.timer = undefined;
  await marking.running;
}

/** Never rejects: what is not marked is taken once more by a program that keeps no list, and nothing worse. */
export async function markNow(session: Pop3Session): Promise<void> {
  if (session.state.kind !== 'transaction') return;
  try {
    await session.state.maildrop.mark();
  } catch (error) {
    const expected = error instanceof MailError && (error.code === 'limit' || error.temporary);
    session.log[expected ? 'warn' : 'error']({ err: error }, 'what POP3 took could not be marked');
  }
}
