/**
 * Shows a cleaned message in a frame of its own: the constant empty page, sandboxed without scripts, under a policy that
 * loads nothing but what the page itself hands over (`blob:`, and `/media/` on this server). The nodes are moved in, never
 * parsed again. The page measures the frame and hears what happens in it; the frame can do nothing to the page.
 */

import { heldClass } from './allowed-html.js';
import type { CleanMessage } from './clean-html.js';
import { type CleaningRealm, loadShell } from './cleaning-realm.js';
import { darken } from './darken.js';
import { frameStyle, type SheetColours } from './frame-style.js';
import { type Link, readLink } from './links.js';

/** Taller than this it is cut, and the reader asks for the rest. */
export const maxFrameHeight = 20_000;
/** A message narrower than its table is shrunk to fit, but not past reading. */
const minZoom = 0.55;

export interface FrameEvents {
  readonly onheight: (height: number, cut: boolean) => void;
  /** Return true when the click was dealt with. */
  readonly onlink: (link: Link, event: MouseEvent) => boolean;
  /** The link under the pointer or the focus; undefined when it is left. */
  readonly onhover: (link: Link | undefined) => void;
  /** Keys that the message has no use for, so that shortcuts work when it has the focus. */
  readonly onkey: (event: KeyboardEvent) => void;
}

export interface FrameLook {
  readonly title: string;
  readonly language: string | undefined;
  readonly colours: SheetColours;
  /** Turn the message's own colours for a dark ground. */
  readonly dark: boolean;
  /** Size of the text, in percent. */
  readonly sizePercent: number;
  /** Heights past the limit are shown in full. */
  readonly full: boolean;
}

export interface ShownMessage {
  /** What of the message is drawn, in its frame. */
  readonly body: HTMLElement;
  relook(look: FrameLook): void;
  /** Gives held images their address. An image that nobody would see is not fetched. */
  showImages(addresses: ReadonlyMap<HTMLImageElement, string>): void;
  close(): void;
}

export async function showMessage(
  frame: HTMLIFrameElement,
  attach: () => void,
  message: CleanMessage,
  look: FrameLook,
  events: FrameEvents,
): Promise<ShownMessage> {
  const realm = await loadShell(frame, attach);
  const { document } = realm;
  const sheet = document.createElement('style');
  const own = document.createElement('style');
  own.textContent = message.css;
  document.head.append(sheet, own);
  const body = document.adoptNode(message.body);
  let undarken: (() => void) | undefined;

  const relook = (next: FrameLook): void => {
    document.title = next.title;
    // What the language is unknown of is not claimed to be the interface's.
    document.documentElement.lang = message.language ?? next.language ?? '';
    undarken?.();
    undarken = undefined;
    sheet.textContent = frameStyle(next.colours);
    if (next.dark) undarken = darken(realm, body, next.colours);
    full = next.full;
    size = next.sizePercent / 100;
    measure();
  };

  let full = look.full;
  let size = look.sizePercent / 100;
  let told = -1;
  const measure = (): void => {
    fitWidth(realm, body, size);
    const height = Math.ceil(body.getBoundingClientRect().height) + 1;
    if (height === told) return;
    told = height;
    const cut = height > maxFrameHeight && !full;
    events.onheight(cut ? maxFrameHeight : height, cut);
  };
  document.body.append(body);
  relook(look);
  const observer = new ResizeObserver(() => {
    told = -1;
    measure();
  });
  observer.observe(body);
  observer.observe(document.documentElement);
  const stopListening = listen(document, events);

  return {
    body,
    relook,
    showImages: (addresses) => {
      for (const [image, address] of addresses) {
        if (!isSeen(realm, image)) continue;
        image.classList.remove(heldClass);
        image.style.removeProperty('aspect-ratio');
        image.src = address;
      }
    },
    close: () => {
      observer.disconnect();
      stopListening();
      frame.remove();
    },
  };
}

/** A table of 700 px on a telephone: smaller letters are better than scrolling each line. */
function fitWidth(realm: CleaningRealm, body: HTMLElement, size: number): void {
  body.style.setProperty('zoom', String(size));
  const room = realm.document.documentElement.clientWidth;
  const needed = body.scrollWidth;
  // In its own pixels: the room of a body that is drawn larger is smaller.
  const fits = room / size / needed;
  if (room > 0 && fits < 1) body.style.setProperty('zoom', String(Math.max(minZoom, size * fits)));
}

/** Of an image without `src` the text or a box is drawn; what is hidden by a style sheet has neither. */
function isSeen(realm: CleaningRealm, image: HTMLImageElement): boolean {
  const style = realm.getComputedStyle(image);
  if (style.visibility === 'hidden' || style.opacity === '0') return false;
  return image.getClientRects().length > 0;
}

function listen(document: Document, events: FrameEvents): () => void {
  const linkOf = (event: Event): Link | undefined => {
    const target = event.target as Element | null;
    const anchor = target?.closest?.('a[href]');
    const href = anchor?.getAttribute('href') ?? '#';
    return href.startsWith('#') ? undefined : readLink(href, anchor?.textContent ?? '');
  };
  const onClick = (event: MouseEvent): void => {
    const link = linkOf(event);
    if (link && events.onlink(link, event)) event.preventDefault();
  };
  const onEnter = (event: Event): void => events.onhover(linkOf(event));
  const onLeave = (): void => events.onhover(undefined);
  const onKey = (event: KeyboardEvent): void => events.onkey(event);
  document.addEventListener('click', onClick);
  document.addEventListener('auxclick', onClick);
  document.addEventListener('pointerover', onEnter);
  document.addEventListener('focusin', onEnter);
  document.addEventListener('pointerleave', onLeave);
  document.addEventListener('focusout', onLeave);
  document.addEventListener('keydown', onKey);
  return () => {
    document.removeEventListener('click', onClick);
    document.removeEventListener('auxclick', onClick);
    document.removeEventListener('pointerover', onEnter);
    document.removeEventListener('focusin', onEnter);
    document.removeEventListener('pointerleave', onLeave);
    document.removeEventListener('focusout', onLeave);
    document.removeEventListener('keydown', onKey);
  };
}
