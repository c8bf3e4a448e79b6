/**
 * Where an image of a message comes from, and whether it is one that is there to be fetched rather than seen. The
 * judgement is by structure: its size, whether it is hidden, and the shapes that the addresses of beacons share.
 */

export type ImageSource =
  | { readonly kind: 'remote'; readonly url: URL }
  | { readonly kind: 'attached'; readonly contentId: string }
  | { readonly kind: 'inside'; readonly url: string };

export type TrackerReason = 'tiny' | 'hidden' | 'address';

const maxInsideLength = 2_000_000;
const rasterData = /^data:image\/(?:png|jpe?g|gif|webp);base64,/i;

export function imageSource(src: string): ImageSource | undefined {
  const text = src.trim();
  if (/^cid:/i.test(text)) {
    // RFC 2392 2: the address is the Content-ID without its brackets, percent-encoded.
    return { kind: 'attached', contentId: decoded(text.slice(4)) };
  }
  if (rasterData.test(text)) return text.length <= maxInsideLength ? { kind: 'inside', url: text } : undefined;
  if (!/^https?:/i.test(text) || text.length > 8_000) return undefined;
  try {
    return { kind: 'remote', url: new URL(text) };
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Why this image is taken for a tracker; undefined if it is not. */
export function trackerReason(image: HTMLImageElement, url: URL): TrackerReason | undefined {
  if (isTiny(image)) return 'tiny';
  if (isHidden(image)) return 'hidden';
  return hasBeaconShape(url) ? 'address' : undefined;
}

/** Of both sides, one is at most 2 px and the other not that of a line that separates. */
function isTiny(image: HTMLImageElement): boolean {
  const width = pixels(image.style.width || image.getAttribute('width'));
  const height = pixels(image.style.height || image.getAttribute('height'));
  if (width === undefined && height === undefined) return false;
  const small = Math.min(width ?? Number.POSITIVE_INFINITY, height ?? Number.POSITIVE_INFINITY);
  const large = Math.max(width ?? 0, height ?? 0);
  return small === 0 || (small <= 2 && large <= 20);
}

function pixels(text: string | null): number | undefined {
  if (text === null || text.length > 12 || text.includes('%')) return undefined;
  const amount = Number.parseFloat(text);
  return Number.isFinite(amount) ? amount : undefined;
}

function isHidden(image: HTMLImageElement): boolean {
  for (let at: HTMLElement | null = image; at; at = at.parentElement) {
    const { display, visibility, opacity } = at.style;
    if (display === 'none' || visibility === 'hidden' || opacity === '0') return true;
    const { maxHeight, maxWidth, overflowX, overflowY } = at.style;
    const clips = overflowX === 'hidden' || overflowY === 'hidden';
    if (clips && (pixels(maxHeight) === 0 || pixels(maxWidth) === 0)) return true;
  }
  return false;
}

/** Last or next to last words of the addresses that the senders of bulk mail use for the opened-mark. */
const beaconWords = new Set(
  'open opened open.php open.aspx open.gif opens pixel pixel.gif pixel.png beacon beacon.gif track.gif tracker.gif trackopen o.gif t.gif e.gif impression impressions emailopened emailopen mailopen readreceipt'.split(
    ' ',
  ),
);

export function hasBeaconShape(url: URL): boolean {
  const words = url.pathname.toLowerCase().split('/').filter(Boolean);
  const last = words.at(-1) ?? '';
  if (beaconWords.has(last)) return true;
  // `/wf/open/u001.AbC`, `/track/open/30a8/7f`, `/e/o/eyJ...`: the word stands before what names the reader.
  const before = words.slice(-3, -1);
  if (before.some((word) => word === 'open' || word === 'opens' || word === 'pixel' || word === 'beacon')) return true;
  return words.length >= 3 && words.at(-3) === 'e' && words.at(-2) === 'o' && last.length >= 16;
}
