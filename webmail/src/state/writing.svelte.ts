/** Where messages are started from. What writes them is fetched when somebody first does. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { Compose } from '../compose/open-compose.js';
import { t } from '../i18n/text.svelte.js';
import { holdKeys } from '../keys/held-keys.js';
import { mail } from './mail.svelte.js';
import { reader } from './reader.svelte.js';
import { toasts } from './toasts.svelte.js';

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
    ownComputer: reader.person?.own ?? false,
    known: knownPeople,
  });
}

/** Who wrote the messages at hand. */
function knownPeople(): readonly EmailAddress[] {
  return mail.store.emails.all().flatMap(({ from }) => from ?? []);
}

/** What is typed until the message is there goes into it. */
function begin(act: (compose: Compose) => void | Promise<void>): void {
  const keys = holdKeys();
  compose()
    .then(act)
    .catch(() => toasts.say(t.text.toasts.failed, { tone: 'trouble' }))
    .finally(keys.settled);
}

export const writing = {
  write: (to: readonly EmailAddress[] = [], full = false): void =>
    begin(({ compositions }) => compositions.write(to, full)),
  reply: (emailId: string, all: boolean): void => begin(({ compositions }) => compositions.reply(emailId, all)),
  /** `whole`: as a file. */
  forward: (emailId: string, whole = false): void => begin(({ compositions }) => compositions.forward(emailId, whole)),
  resume: (emailId: string): void => begin(({ compositions }) => compositions.resume(emailId)),
  /** What an earlier page left unfinished; nothing is fetched when there is nothing. */
  async recover(): Promise<void> {
    const { hasLocalDrafts } = await import('../compose/local-drafts.js');
    if (await hasLocalDrafts(mail.store.client.accountId, reader.person?.own ?? false)) {
      await (await compose()).compositions.recover();
    }
  },
};
