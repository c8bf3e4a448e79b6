/** Changes that are sent long after they were made, by another page than the one that made them. */
import type { EmailChange, EmailChanges } from './email-row.js';

export type Entries = readonly (readonly [id: string, change: EmailChange])[];

/** The later word on each mark counts. */
export function merged(entries: Entries): EmailChanges {
  const changes = new Map<string, EmailChange>();
  for (const [id, { keywords, mailboxes }] of entries) {
    const before = changes.get(id);
    changes.set(id, {
      keywords: { ...before?.keywords, ...keywords },
      mailboxes: { ...before?.mailboxes, ...mailboxes },
    });
  }
  return changes;
}

/**
 * Without the moves of messages that are no longer where they were moved from: somebody else has filed them meanwhile, and
 * that counts. Messages that are nowhere any more are left out.
 */
export function stillMeant(
  changes: EmailChanges,
  now: ReadonlyMap<string, Readonly<Record<string, boolean>>>,
): EmailChanges {
  const meant = new Map<string, EmailChange>();
  for (const [id, change] of changes) {
    const places = now.get(id);
    if (places === undefined) continue;
    const sources = Object.entries(change.mailboxes ?? {}).filter(([, on]) => !on);
    const moved = sources.every(([box]) => places[box] === true);
    meant.set(id, moved ? change : { keywords: change.keywords ?? {} });
  }
  return meant;
}
