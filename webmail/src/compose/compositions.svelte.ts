/**
 * The messages being written on this page: opened, folded, brought back, sent and taken back. Everything that starts a
 * message anywhere in the webmail comes through here.
 */
import { quoteHtml } from '../html/quote-message.js';
import { formatListTime, formatLongDate } from '../i18n/format.js';
import { preferences } from '../state/preferences.svelte.js';
import { toasts } from '../state/toasts.svelte.js';
import { editAsNew, forward, forwardAll, replyTo, resume, type Writer } from './answer.js';
import { type Composer, createComposer } from './composer.svelte.js';
import type { ComposeContext } from './context.js';
import { identityOf } from './context.js';
import { type Draft, emptyDraft, isEmpty, recipients } from './draft.js';
import { claimDraft, type DraftClaim } from './draft-tabs.js';
import { openEmail, textsOf } from './opened-email.js';
import { type PendingSend, pendingSends } from './pending-sends.js';
import type { ReplyTo } from './reply-addresses.js';
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
import { takeBack as takeBackSending } from './take-back.js';
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
  reply(emailId: string, whom: ReplyTo): Promise<void>;
  forward(emailId: string): Promise<void>;
  /** As files of one message. */
  forwardWhole(emailIds: readonly string[]): Promise<void>;
  /** What was sent, or came, as the beginning of a new message. */
  editAsNew(emailId: string): Promise<void>;
  /** A draft of the server's. One that is open already comes to the front. */
  resume(emailId: string): Promise<void>;
  /** Drafts that an earlier page left behind. */
  recover(): Promise<void>;
  /** All that is open, in this browser. */
  keep(): Promise<void>;
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
  /** Room for what will be written, and the signature under it. */
  const start = (): string => (signature() === '' ? '' : `\n\n${signatureText(signature())}`);

  /** With those who get a blind copy of everything this identity sends. */
  function begun(draft: Draft): Draft {
    const there = new Set(recipients(draft).map(({ email }) => email.toLowerCase()));
    const copies = identityOf(context, undefined)?.bcc ?? [];
    return { ...draft, bcc: [...draft.bcc, ...copies.filter(({ email }) => !there.has(email.toLowerCase()))] };
  }

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
    const undo = (): void => void takeBack(sending, draft);
    if ('at' in when) {
      const at = formatListTime(preferences.language, when.at.toISOString(), new Date(), { yesterday: '' });
      toasts.say(w.text.scheduled(at), { icon: 'send', undo });
    } else sayHeld(who, Date.now() + preferences.undoSeconds * 1000, undo);
    void store.sync().catch(() => undefined);
  }

  function sayHeld(who: string, until: number, undo: () => void): void {
    const seconds = Math.round((until - Date.now()) / 1000);
    const counted = (left: number): string => w.text.sending(who, left);
    toasts.say(counted(seconds), { forMs: until - Date.now(), until, counted, icon: 'send', undo });
  }

  /** Sent by a page that is gone: it can still come back, from what the server has of it. */
  function offerBack({ submissionId, emailId, to, at }: PendingSend): void {
    const until = at.getTime() - heldLongerSeconds * 1000;
    if (until - Date.now() < 1000) return;
    const [sent, drafts] = [store.mailboxOf('sent'), store.mailboxOf('drafts')];
    if (sent === undefined || drafts === undefined) return;
    const places = { sentId: sent.id, draftsId: drafts.id };
    const back = async (): Promise<void> => {
      const done = await takeBackSending(store.client, { submissionId, emailId }, places).catch(() => false);
      const email = done ? await fetch(emailId) : undefined;
      toasts.say(done ? w.text.takenBack : w.text.tooLateToTakeBack, { tone: done ? 'done' : 'trouble' });
      if (email !== undefined) show(resume(email, writer()));
      void store.sync().catch(() => undefined);
    };
    sayHeld(named(to), until, () => void back());
  }

  const named = (addresses: readonly string[]): string =>
    addresses.length > 1 ? w.text.andOthers(addresses[0] ?? '', addresses.length - 1) : (addresses[0] ?? '');

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
      show(begun({ ...draft, to, text: start() }), undefined, full);
    },
    async reply(emailId, whom) {
      const email = await fetch(emailId);
      if (email === undefined) return;
      const draft = begun(replyTo(email, writer(), whom));
      if (whom === 'list' && draft.to.length === 0) {
        toasts.say(w.text.noList, { tone: 'trouble' });
        return;
      }
      const { html, text } = textsOf(email);
      const attribution = replyAttribution(email, w.text, formatDate);
      if (html !== undefined) show({ ...draft, attribution, text: start() }, await quoteOf(html, [attribution]));
      else show({ ...draft, attribution, text: replyText(text, attribution, signature()) });
    },
    async forward(emailId) {
      const email = await fetch(emailId);
      if (email === undefined) return;
      const draft = begun(forward(email, writer()));
      const lines = forwardAttribution(email, w.text, formatDate);
      const attribution = lines[0];
      const { html, text } = textsOf(email);
      if (html !== undefined) show({ ...draft, attribution, text: start() }, await quoteOf(html, lines));
      else show({ ...draft, attribution, text: forwardText(text, lines, signature()) });
    },
    async forwardWhole(emailIds) {
      const emails = (await Promise.all(emailIds.map(fetch))).filter((email) => email !== undefined);
      if (emails.length > 0) show(begun({ ...forwardAll(emails, writer()), text: start() }));
    },
    async editAsNew(emailId) {
      const email = await fetch(emailId);
      if (email !== undefined) show(editAsNew(email, writer()));
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
        else if (!open.some(({ composer }) => composer.draft.key === draft.key)) {
          const found = show(draft);
          found.look.folded = true;
          // It may be nowhere else yet.
          found.composer.touch();
        }
      }
      const held = await pendingSends(store.client, new Date());
      for (const one of held) offerBack(one);
    },
    async keep() {
      const drafts = open.map(({ composer }) => composer.current()).filter((draft) => !isEmpty(draft));
      await Promise.all(drafts.map((draft) => context.drafts.put(draft)));
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
