/** What became of a message that the reader sent, as its submissions say (RFC 8621 section 7). */
import type { EmailSubmission } from '@vaguemestre/shared/jmap/submission';
import type { JmapClient } from '../jmap/client.js';

export type DeliveryFact =
  /** It leaves later, and can be taken back until then. */
  | { readonly kind: 'waiting'; readonly at: Date; readonly submissionId: string }
  | { readonly kind: 'underWay'; readonly people: readonly string[] }
  /** There is no way to them yet; it is tried again. */
  | { readonly kind: 'held'; readonly people: readonly string[]; readonly reply: string }
  | { readonly kind: 'failed'; readonly people: readonly string[]; readonly reply: string }
  /** All of them have it, or the next server has. */
  | { readonly kind: 'delivered' }
  | { readonly kind: 'takenBack' };

/** The newest submission tells; an older one that was taken back says nothing any more. */
export function deliveryFacts(submissions: readonly EmailSubmission[], now: Date): readonly DeliveryFact[] {
  const [newest] = submissions.toSorted((a, b) => b.sendAt.localeCompare(a.sendAt));
  if (newest === undefined) return [];
  if (newest.undoStatus === 'canceled') return [{ kind: 'takenBack' }];
  const at = new Date(newest.sendAt);
  if (newest.undoStatus === 'pending' && at > now) return [{ kind: 'waiting', at, submissionId: newest.id }];
  return byRecipient(newest);
}

function byRecipient({ deliveryStatus }: EmailSubmission): readonly DeliveryFact[] {
  const facts: DeliveryFact[] = [];
  const people = { underWay: [] as string[], held: [] as string[] };
  let heldReply = '';
  const failed = new Map<string, string[]>();
  for (const [address, { delivered, smtpReply }] of Object.entries(deliveryStatus ?? {})) {
    if (delivered === 'no') failed.set(smtpReply, [...(failed.get(smtpReply) ?? []), address]);
    else if (delivered !== 'queued') continue;
    // RFC 5321 4.2.1: a reply of 4yz is a "not now"; before the first try the reply is the acceptance.
    else if (smtpReply.startsWith('4')) {
      people.held.push(address);
      heldReply = smtpReply;
    } else people.underWay.push(address);
  }
  for (const [reply, who] of failed) facts.push({ kind: 'failed', people: who, reply });
  if (people.held.length > 0) facts.push({ kind: 'held', people: people.held, reply: heldReply });
  if (people.underWay.length > 0) facts.push({ kind: 'underWay', people: people.underWay });
  return facts.length > 0 ? facts : [{ kind: 'delivered' }];
}

export async function submissionsOf(
  client: JmapClient,
  emailId: string,
  signal: AbortSignal,
): Promise<readonly EmailSubmission[]> {
  const found = client.call('EmailSubmission/query', { filter: { emailIds: [emailId] } }, { signal });
  const read = client.call('EmailSubmission/get', { '#ids': found.ref('/ids') }, { signal });
  return (await read.result).list;
}
