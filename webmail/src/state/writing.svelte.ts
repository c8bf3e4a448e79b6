/** Where messages are started from. What writes them is fetched when somebody first does. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { Compose } from '../compose/open-compose.js';
import type { ReplyTo } from '../compose/reply-addresses.js';
import { t } from '../i18n/text.svelte.js';
import { holdKeys } from '../keys/held-keys.js';
import { keeping } from './keeping.js';
import { mail } from './mail.svelte.js';
import { reader } from './reader.svelte.js';
import { toasts } from './toasts.svelte.js';

/** The message that is answered may come slowly; the end of waiting is always told. */
const longestHoldMs = 60_000;

let opening: Promise<Compose> | undefined;

function compose(): Promise<Compose> {
  opening ??= open().catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

async function open(): Promise<Compose> {
  const { mountCompose } = await import('../compose/open-compose.js');
  return mountCompose(document.body, {
    store: mail.store,
    domain: reader.domain,
    vault: keeping.vault,
    known: knownPeople,
  });
}

/** Who wrote the messages at hand. */
function knownPeople(): readonly EmailAddress[] {
  return mail.store.emails.all().flatMap(({ from }) => from ?? []);
}

/** What is typed until the message is there goes into it. */
function begin(act: (compose: Compose) => void | Promise<void>): void {
  const keys = holdKeys(longestHoldMs);
  compose()
    .then(act)
    .catch(() => toasts.say(t.text.toasts.failed, { tone: 'trouble' }))
    .finally(keys.settled);
}

export const writing = {
  write: (to: readonly EmailAddress[] = [], full = false): void =>
    begin(({ compositions }) => compositions.write(to, full)),
  reply: (emailId: string, whom: ReplyTo): void => begin(({ compositions }) => compositions.reply(emailId, whom)),
  forward: (emailId: string): void => begin(({ compositions }) => compositions.forward(emailId)),
  /** As files of one message. */
  forwardWhole: (emailIds: readonly string[]): void => begin(({ compositions }) => compositions.forwardWhole(emailIds)),
  editAsNew: (emailId: string): void => begin(({ compositions }) => compositions.editAsNew(emailId)),
  resume: (emailId: string): void => begin(({ compositions }) => compositions.resume(emailId)),
  /** What an earlier page left unfinished, and what it sent and can still take back; nothing is fetched when there is nothing. */
  async recover(): Promise<void> {
    const [{ openLocalDrafts }, { hasPendingSends }] = await Promise.all([
      import('../compose/local-drafts.js'),
      import('../compose/pending-sends.js'),
    ]);
    const { client } = mail.store;
    const pending = hasPendingSends(client).catch(() => false);
    const drafts = await openLocalDrafts(client.accountId, keeping.vault).all();
    if (drafts.length > 0 || (await pending)) await (await compose()).compositions.recover();
  },
  /** What is being written is kept here before the page goes. */
  async keep(): Promise<void> {
    await (await opening)?.compositions.keep();
  },
};

/** Nobody waits two seconds before a reload; a telephone gives a page no other notice of its end than this. */
const keepNow = (): void => void writing.keep().catch(() => undefined);
addEventListener('pagehide', keepNow);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') keepNow();
});
