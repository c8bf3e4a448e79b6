/**
 * The composer as the rest of the page gets it: one chunk, fetched when somebody first writes. `mountCompose` puts the dock
 * into the page and gives what starts messages.
 */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import { mount, unmount } from 'svelte';
import type { MailStore } from '../jmap/store/mail-store.js';
import { preferences } from '../state/preferences.svelte.js';
import type { Vault } from '../vault/vault.js';
import ComposeDock from './ComposeDock.svelte';
import { type Compositions, createCompositions } from './compositions.svelte.js';
import type { ComposeContext } from './context.js';
import { openLocalDrafts } from './local-drafts.js';
import { suggestPeople } from './suggest-people.js';
import { w } from './words/text.svelte.js';

export interface ComposePage {
  readonly store: MailStore;
  readonly domain: string;
  readonly vault: Vault | undefined;
  /** People of the messages at hand: an address that looks like one of theirs is told. */
  known(): readonly EmailAddress[];
}

export interface Compose {
  readonly compositions: Compositions;
  close(): void;
}

export async function mountCompose(target: HTMLElement, page: ComposePage): Promise<Compose> {
  const { store } = page;
  const { client } = store;
  const [drafts] = await Promise.all([openLocalDrafts(client.accountId, page.vault), w.ready(preferences.language)]);
  const mail = client.session.accounts[client.accountId]?.accountCapabilities[capability.mail];
  const context: ComposeContext = {
    store,
    drafts,
    domain: page.domain,
    maxMessageOctets: mail?.maxSizeAttachmentsPerEmail ?? client.session.capabilities[capability.core].maxSizeUpload,
    suggest: suggestPeople,
  };
  const compositions = createCompositions(context);
  const dock = mount(ComposeDock, { target, props: { compositions, context, known: page.known } });
  return { compositions, close: () => void unmount(dock) };
}
