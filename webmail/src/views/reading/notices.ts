/** What must be said before a conversation is read, from what its open messages turned out to be. */
import type { Words } from '../../i18n/language.js';
import type { EmailRow } from '../../jmap/store/email-row.js';
import type { BannerNotice } from '../../reading/banners.js';
import type { OpenConversation } from '../../reading/open-conversation.svelte.js';
import { personOf } from '../../reading/person.js';
import type { fr } from '../../reading/words/fr.js';

export function noticesOf(
  rows: readonly EmailRow[],
  conversation: OpenConversation,
  words: Words<typeof fr>,
): BannerNotice[] {
  const notices: BannerNotice[] = [];
  const open = rows.filter((row) => conversation.isOpen(row.id));
  const claims = new Map<string, string>();
  for (const row of open) {
    const from = row.from?.[0];
    const person = from && personOf(from);
    if (person?.claims !== undefined) claims.set(person.claims, person.address);
  }
  for (const [claimed, address] of claims) {
    notices.push({
      kind: 'unverified',
      fact: words.banners.claims(claimed),
      reason: words.banners.claimsReason(address),
    });
  }
  const views = open.map((row) => conversation.viewOf(row.id)).filter((view) => view !== undefined);
  const held = views.filter((view) => view.images === 'held');
  if (held.length > 0) {
    const count = held.reduce((sum, view) => sum + view.remoteCount, 0);
    const senders = new Map(
      held.flatMap((view) => (view.message?.from ?? []).slice(0, 1)).map((one) => [one.email, one]),
    );
    const [sender] = senders.values();
    notices.push({
      kind: 'images',
      fact: words.banners.images(count),
      reason: words.banners.imagesReason(count),
      act: { words: words.banners.show, run: () => held.forEach((view) => void view.showImages()) },
      ...(sender === undefined || senders.size > 1
        ? {}
        : {
            second: {
              words: words.banners.always(personOf(sender).name),
              run: () => held.forEach((view) => void view.alwaysShowImages()),
            },
          }),
    });
  }
  const failed = views.filter((view) => view.images === 'failed');
  if (failed.length > 0) {
    notices.push({
      kind: 'images',
      fact: words.banners.imagesFailed,
      reason: words.banners.imagesFailedReason,
      act: { words: words.retry, run: () => failed.forEach((view) => void view.showImages()) },
    });
  }
  return notices;
}
