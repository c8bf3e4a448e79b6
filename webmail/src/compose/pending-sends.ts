/**
 * Messages that the server still holds for the moment of taking back: what an earlier page sent, found again after a reload or in
 * another tab. Those that wait for a later hour are told with the message itself.
 */
import { hasEmail } from '@vaguemestre/shared/jmap/submission';
import type { JmapClient } from '../jmap/client.js';

export interface PendingSend {
  readonly submissionId: string;
  readonly emailId: string;
  readonly to: readonly string[];
  readonly at: Date;
}

const utc = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
/** As long as any reader can have chosen to hold what he sends. */
const soonMs = 40_000;

/** Whether anything leaves within moments. */
export async function hasPendingSends(client: JmapClient): Promise<boolean> {
  const filter = { undoStatus: 'pending', before: utc(Date.now() + soonMs) } as const;
  return (await client.call('EmailSubmission/query', { filter, limit: 1 }).result).ids.length > 0;
}

/** Which ones, and when they leave. */
export async function pendingSends(client: JmapClient, now: Date): Promise<readonly PendingSend[]> {
  const filter = { undoStatus: 'pending', before: utc(now.getTime() + soonMs) } as const;
  const found = client.call('EmailSubmission/query', { filter });
  const read = client.call('EmailSubmission/get', { '#ids': found.ref('/ids') });
  const { list } = await read.result;
  return list
    .filter(hasEmail)
    .map(({ id, emailId, envelope, sendAt }) => ({
      submissionId: id,
      emailId,
      to: (envelope?.rcptTo ?? []).map(({ email }) => email),
      at: new Date(sendAt),
    }))
    .filter(({ at }) => at > now);
}
