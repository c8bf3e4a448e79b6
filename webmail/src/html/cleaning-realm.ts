/**
 * The realm in which messages are cleaned: the window of a hidden frame that shows the constant empty page `/frame`. Its
 * sandbox runs no script and its policy loads nothing, so that even what a fault of the cleaner let through would find
 * itself where it can do nothing. One serves the whole page; cleaned nodes are moved from it to the frame of their message.
 *
 * Rejects when the page cannot be had; the next caller tries again.
 */

/** Scripts never; same origin so that the page may measure it and hear clicks; windows that a link opens are ordinary ones. */
export const frameSandbox = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox';
export const framePath = '/frame';

export type CleaningRealm = Window & typeof globalThis;

const loadTimeoutMs = 15_000;
let opening: Promise<CleaningRealm> | undefined;

export function cleaningRealm(): Promise<CleaningRealm> {
  opening ??= open().catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

async function open(): Promise<CleaningRealm> {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', frameSandbox);
  frame.setAttribute('aria-hidden', 'true');
  frame.tabIndex = -1;
  // Laid out, so that computed styles hold there (quote-message.ts), but neither seen nor reached.
  Object.assign(frame.style, {
    position: 'fixed',
    left: '-10000px',
    top: '0',
    width: '800px',
    height: '600px',
    border: '0',
    visibility: 'hidden',
  });
  try {
    return await loadShell(frame, () => document.body.append(frame));
  } catch (error) {
    frame.remove();
    throw error;
  }
}

/** Shows the empty page in the frame that `attach` puts into the document; its window once it is there. */
export async function loadShell(frame: HTMLIFrameElement, attach: () => void): Promise<CleaningRealm> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the frame did not load')), loadTimeoutMs);
    frame.addEventListener(
      'load',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
    frame.src = framePath;
    attach();
  });
  const realm = frame.contentWindow as CleaningRealm | null;
  // An error page has another origin or another address; neither is the empty page.
  if (!realm || realm.location.pathname !== framePath || realm.document.body === null) {
    throw new Error('the frame is not there');
  }
  return realm;
}
