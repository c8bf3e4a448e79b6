/**
 * One message as the reader has it open: fetched, cleaned once, its images held until they may be shown. Lives as long as
 * its conversation is open; `close` gives back what it took from memory.
 *
 * On failure: `status` says so and `open` may be called again. What is shown never depends on images having come.
 */
import type { EmailBodyPart } from '@vaguemestre/shared/jmap/email';
import type { CleanMessage } from '../html/clean-html.js';
import { cleaningRealm } from '../html/cleaning-realm.js';
import { readPlainText, textFormat } from '../html/plain-text.js';
import type { JmapClient } from '../jmap/client.js';
import type { Acquaintance } from './acquaintance.js';
import { setShowsImagesOf, showsImagesOf, signedAddresses } from './image-consent.js';
import type { ImageState, MessageView, ShownBody } from './message-state.js';
import { type OpenMessage, shownParts } from './open-message.js';
import { downloadAddress, fetchOctets, shownAddress } from './part-download.js';

export interface MessageViewContext {
  readonly client: JmapClient;
  readonly fetch: () => Promise<OpenMessage | undefined>;
  readonly quotedWords: () => string;
  /** Asks what is known of the author. */
  readonly judge?: (message: OpenMessage) => Promise<Acquaintance | undefined>;
}

async function openCleaner() {
  const [realm, { cleanHtml }, { foldTrailingQuote }] = await Promise.all([
    cleaningRealm(),
    import('../html/clean-html.js'),
    import('../html/fold-quotes.js'),
  ]);
  return { realm, cleanHtml, foldTrailingQuote };
}

const maxAttachedSize = 25_000_000;

export function createMessageView(context: MessageViewContext): MessageView {
  let status = $state<MessageView['status']>('waiting');
  let message = $state.raw<OpenMessage>();
  let author = $state.raw<Acquaintance>();
  let bodies = $state.raw<readonly ShownBody[]>([]);
  let images = $state<ImageState>('none');
  let addresses = $state.raw<ReadonlyMap<HTMLImageElement, string>>(new Map());
  let plain = $state(false);
  const leaving = new AbortController();
  const releases: (() => void)[] = [];
  const htmlBodies = (): CleanMessage[] => bodies.flatMap((body) => (body.kind === 'html' ? [body.clean] : []));
  const trackers = $derived(htmlBodies().flatMap((clean) => clean.trackers));
  const remoteCount = $derived(htmlBodies().reduce((sum, clean) => sum + clean.remote.length, 0));
  const shownIds = $derived(
    new Set(
      htmlBodies().flatMap((clean) =>
        clean.attached.flatMap(({ source }) => (source.kind === 'attached' ? [source.contentId] : [])),
      ),
    ),
  );

  async function prepare(opened: OpenMessage): Promise<void> {
    const parts = shownParts(opened, plain);
    // Most messages of the laboratory are text, and need neither the cleaner nor its realm.
    const cleaner = parts.some(({ kind }) => kind === 'html') ? await openCleaner() : undefined;
    bodies = parts.map((shown): ShownBody => {
      if (shown.kind === 'image') return shown;
      if (shown.kind === 'html' && cleaner) {
        const clean = cleaner.cleanHtml(cleaner.realm, shown.value);
        cleaner.foldTrailingQuote(clean.body, context.quotedWords());
        return { kind: 'html', clean, cut: shown.cut || clean.cut };
      }
      const format = textFormat(String(shown.part['header:Content-Type:asRaw'] ?? ''));
      return { kind: 'text', blocks: readPlainText(shown.value, format), cut: shown.cut };
    });
    addresses = new Map();
    // Not by what is derived for those who watch: it may be closed by now.
    images = htmlBodies().some(({ remote }) => remote.length > 0) ? 'held' : 'none';
    void showAttached(opened);
    const sender = opened.from?.[0]?.email;
    if (images === 'held' && sender !== undefined && showsImagesOf(sender)) void showImages();
  }

  let opening: Promise<void> | undefined;

  /** Whoever asks while it is on its way waits with the others. */
  function open(): Promise<void> {
    if (status === 'ready') return Promise.resolve();
    opening ??= fetchAndPrepare().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function fetchAndPrepare(): Promise<void> {
    status = 'loading';
    try {
      const opened = await context.fetch();
      if (opened === undefined) {
        status = 'gone';
        return;
      }
      await prepare(opened);
      message = opened;
      status = 'ready';
      author = await context.judge?.(opened);
    } catch {
      status = 'failed';
    }
  }

  function give(news: Iterable<readonly [HTMLImageElement, string]>): void {
    addresses = new Map([...addresses, ...news]);
  }

  /** RFC 2392: images of the text that travel with the message. */
  async function showAttached(opened: OpenMessage): Promise<void> {
    const parts = new Map<string, EmailBodyPart>();
    for (const part of [...opened.attachments, ...opened.htmlBody]) if (part.cid !== null) parts.set(part.cid, part);
    await Promise.all(
      htmlBodies().flatMap((clean) =>
        clean.attached.map(async ({ element, source }) => {
          const part = source.kind === 'attached' ? parts.get(source.contentId) : undefined;
          const address = part && (await imageAddress(part));
          if (address) give([[element, address]]);
        }),
      ),
    );
  }

  const known = new Map<string, Promise<string | undefined>>();

  function imageAddress(part: EmailBodyPart): Promise<string | undefined> {
    const { blobId } = part;
    if (blobId === null || part.size > maxAttachedSize) return Promise.resolve(undefined);
    const asked = known.get(blobId) ?? fetchImage(blobId);
    known.set(blobId, asked);
    return asked;
  }

  async function fetchImage(blobId: string): Promise<string | undefined> {
    const { session, accountId } = context.client;
    const from = downloadAddress(session, accountId, { blobId, name: 'image', type: 'application/octet-stream' });
    try {
      const shown = shownAddress(await fetchOctets(from, leaving.signal), 'image');
      if (!shown) return undefined;
      if (leaving.signal.aborted) shown.release();
      else releases.push(shown.release);
      return shown.address;
    } catch {
      return undefined; // its place keeps its text
    }
  }

  async function showImages(): Promise<void> {
    if (message === undefined && status !== 'loading') return;
    if (images === 'shown' || images === 'loading') return;
    images = 'loading';
    try {
      const opened = message ?? (await context.fetch());
      if (!opened) return;
      const held = htmlBodies().flatMap((clean) => clean.remote);
      const wanted = held.flatMap(({ element, source }) =>
        source.kind === 'remote' ? [{ element, url: source.url.href }] : [],
      );
      const signed = await signedAddresses(opened.id, [...new Set(wanted.map(({ url }) => url))], leaving.signal);
      give(
        wanted.flatMap(({ element, url }): [HTMLImageElement, string][] => {
          const address = signed.get(url);
          return address === undefined ? [] : [[element, address]];
        }),
      );
      images = 'shown';
    } catch {
      images = 'failed';
    }
  }

  return {
    get status() {
      return status;
    },
    get message() {
      return message;
    },
    get author() {
      return author;
    },
    get bodies() {
      return bodies;
    },
    get trackers() {
      return trackers;
    },
    get remoteCount() {
      return remoteCount;
    },
    get images() {
      return images;
    },
    get addresses() {
      return addresses;
    },
    get shownIds() {
      return shownIds;
    },
    get plain() {
      return plain;
    },
    open,
    setPlain: async (next) => {
      plain = next;
      if (message) await prepare(message);
    },
    showImages,
    alwaysShowImages: async () => {
      const sender = message?.from?.[0]?.email;
      if (sender !== undefined) setShowsImagesOf(sender, true);
      await showImages();
    },
    imageAddress,
    close: () => {
      leaving.abort();
      for (const release of releases) release();
    },
  };
}
