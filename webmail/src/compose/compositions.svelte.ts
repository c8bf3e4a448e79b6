/**
 * The messages being written on this page: opened, folded, brought back, sent and taken back. Everything that starts a
 * message anywhere in the webmail comes through here.
 */
import { quoteHtml } from '../html/quote-message.js';
import { formatListTime, formatLongDate } from '../i18n/format.js';
import { preferences } from '../state/preferences.svelte.js';
import { toasts } from '../state/toasts.svelte.js';
import { forward, replyTo, resume, type Writer } from './answer.js';
import { type Composer, createComposer } from './composer.svelte.js';
import type { ComposeContext } from './context.js';
import { identityOf } from './context.js';
import { type Draft, emptyDraft, isEmpty, recipients } from './draft.js';
import { claimDraft, type DraftClaim } from './draft-tabs.js';
import { openEmail, textsOf } from './opened-email.js';
import type { SendWhen } from './send-calls.js';
import { heldLongerSeconds, type Sending, SendRefused, sendDraft } from './sending.js';
import {
  forwardAttribution,
  forwardText,
  personName,
  replyAttribution,
  replyText,
  signatureText,
} from './starting-text.js';
import { w } from './words/text.svelte.js';

/** What is put under the text once the editor is there. */
export interface PendingQuote {
  readonly lines: readonly string[];
  readonly body: HTMLElement;
}

export interface Composition {
  readonly composer: Composer;
  readonly claim: DraftClaim;
  quote: PendingQuote | undefined;
  /** `elsewhere`: another tab has this draft. */
  readonly look: { folded: boolean; full: boolean; elsewhere: boolean };
  /** Where the focus goes when it closes. */
  readonly from: Element | null;
}

export interface Compositions {
  /** Oldest first. Watched. */
  readonly open: readonly Composition[];
  write(to?: Draft['to'], full?: boolean): void;
  reply(emailId: string, all: boolean): Promise<void>;
  forward(emailId: string, whole: boolean): Promise<void>;
  /** A draft of the server's. One that is open already comes to the front. */
  resume(emailId: string): Promise<void>;
  /** Drafts that an earlier page left behind. */
  recover(): Promise<void>;
  /** Goes on here with what another tab has open. */
  takeOver(composition: Composition): Promise<void>;
  /** Keeps the draft. */
  close(composition: Composition): Promise<void>;
  discard(composition: Composition): Promise<void>;
  send(composition: Composition, when?: SendWhen): void;
}

/** The width for which a quoted message's styles are worked out. */
const quoteWidthPx = 640;

export function createCompositions(context: ComposeContext): Compositions {
  let open = $state.raw<readonly Composition[]>([]);
  const { store } = context;

  const writer = (): Writer => ({
    mine: store.identities.all().map(({ email }) => email),
    newKey: () => crypto.randomUUID(),
  });
  const formatDate = (date: Date): string => formatLongDate(preferences.language, date);
  const signature = (): string => identityOf(context, undefined)?.textSignature ?? '';

  function show(draft: Draft, quote?: PendingQuote, full = false): Composition {
    const composer = createComposer(context, draft);
    const look = $state({ folded: false, full, elsewhere: false });
    const newest = (): string | undefined => composer.draft.emailId;
    const claim = claimDraft(draft.key, newest, () => composer.flush().then(newest));
    const composition: Composition = { composer, claim, quote, look, from: document.activeElement };
    claim.onheld = () => {
      look.elsewhere = true;
    };
    claim.onlost = () => {
      remove(composition);
      composer.release();
    };
    open = [...open, composition];
    return composition;
  }

  function remove(composition: Composition): void {
    open = open.filter((one) => one !== composition);
    composition.claim.release();
    if (composition.from instanceof HTMLElement && composition.from.isConnected) composition.from.focus();
  }

  async function fetch(emailId: string) {
    const email = await openEmail(store.client, emailId);
    if (email === undefined) toasts.say(w.text.gone, { tone: 'trouble' });
    return email;
  }

  /** Bodies of both kinds: the plain text is there at once, the quoted nodes go in with the editor. */
  async function quoteOf(html: string, lines: readonly string[]): Promise<PendingQuote> {
    const { body } = await quoteHtml(html, quoteWidthPx);
    return { lines, body };
  }

  async function deliver(composition: Composition, when: SendWhen): Promise<void> {
    const { composer } = composition;
    const draft = composer.current();
    const [first] = recipients(draft);
    const others = recipients(draft).length - 1;
    const who = others > 0 ? w.text.andOthers(personName(first), others) : personName(first);
    try {
      if (!navigator.onLine) {
        await context.drafts.put(draft);
        toasts.say(w.text.waitsForNetwork, { icon: 'send' });
        await networkBack();
      }
      const sending = await sendDraft(context, draft, when);
      composer.release();
      announce(sending, draft, who, when);
    } catch (error) {
      open = [...open, composition];
      const why = error instanceof SendRefused ? w.text.sendRefused(error.message) : w.text.sendFailed;
      toasts.say(why, { tone: 'trouble' });
      composer.touch();
    }
  }

  function announce(sending: Sending, draft: Draft, who: string, when: SendWhen): void {
    const text =
      'at' in when
        ? w.text.scheduled(formatListTime(preferences.language, when.at.toISOString(), new Date(), { yesterday: '' }))
        : w.text.sending(who, preferences.undoSeconds);
    toasts.say(text, {
      forMs: preferences.undoSeconds * 1000,
      icon: 'send',
      undo: () => void takeBack(sending, draft),
    });
    void store.sync().catch(() => undefined);
  }

  async function takeBack(sending: Sending, draft: Draft): Promise<void> {
    const done = await sending.takeBack().catch(() => false);
    if (!done) {
      toasts.say(w.text.tooLateToTakeBack, { tone: 'trouble' });
      return;
    }
    show({ ...draft, emailId: sending.emailId, olderCopies: [] });
    toasts.say(w.text.takenBack);
    void store.sync().catch(() => undefined);
  }

  return {
    get open() {
      return open;
    },
    write(to = [], full = false) {
      const draft = emptyDraft(crypto.randomUUID(), 'rich');
      show({ ...draft, to, text: signature() === '' ? '' : `\n\n${signatureText(signature())}` }, undefined, full);
    },
    async reply(emailId, all) {
      const email = await fetch(emailId);
      if (email === undefined) return;
      const draft = replyTo(email, writer(), all);
      const { html, text } = textsOf(email);
      const attribution = replyAttribution(email, w.text, formatDate);
      if (html !== undefined) show({ ...draft, attribution }, await quoteOf(html, [attribution]));
      else show({ ...draft, attribution, text: replyText(text, attribution, signature()) });
    },
    async forward(emailId, whole) {
      const email = await fetch(emailId);
      if (email === undefined) return;
      const draft = forward(email, writer(), whole);
      if (whole) return void show(draft);
      const lines = forwardAttribution(email, w.text, formatDate);
      const attribution = lines[0];
      const { html, text } = textsOf(email);
      if (html !== undefined) show({ ...draft, attribution }, await quoteOf(html, lines));
      else show({ ...draft, attribution, text: forwardText(text, lines, signature()) });
    },
    async resume(emailId) {
      const here = open.find(({ composer }) => composer.draft.emailId === emailId);
      if (here) {
        here.look.folded = false;
        return;
      }
      const email = await fetch(emailId);
      if (email !== undefined) show(resume(email, writer()));
    },
    async recover() {
      for (const { draft } of await context.drafts.all()) {
        if (isEmpty(draft)) await context.drafts.remove(draft.key);
        else if (!open.some(({ composer }) => composer.draft.key === draft.key)) show(draft).look.folded = true;
      }
    },
    async takeOver(composition) {
      const newest = await composition.claim.takeOver();
      composition.look.elsewhere = false;
      if (newest === undefined) return;
      remove(composition);
      composition.composer.release();
      const email = await fetch(newest);
      if (email !== undefined) show(resume(email, writer()));
    },
    async close(composition) {
      const { composer } = composition;
      remove(composition);
      try {
        await composer.flush();
        await context.drafts.remove(composer.draft.key);
        composer.release();
      } catch {
        // Kept here; it goes on trying, and the next page finds it.
      }
      void store.sync().catch(() => undefined);
    },
    async discard(composition) {
      const { composer } = composition;
      const draft = composer.current();
      remove(composition);
      await composer.destroyDraft().catch(() => undefined);
      composer.release();
      if (isEmpty(draft)) return;
      toasts.say(w.text.discarded, { undo: () => void show({ ...draft, emailId: undefined, olderCopies: [] }) });
      void store.sync().catch(() => undefined);
    },
    send(composition, when = { holdSeconds: preferences.undoSeconds + heldLongerSeconds }) {
      remove(composition);
      void deliver(composition, when);
    },
  };
}

function networkBack(): Promise<void> {
  return new Promise((resolve) => window.addEventListener('online', () => resolve(), { once: true }));
}
