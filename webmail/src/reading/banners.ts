/**
 * What stands above the cards, in the fixed order of gravity: malware, phishing, unverified sender, first contact, remote
 * images, unsubscribe. Two show, the rest is counted. An invitation stands in its message, as a card.
 */
export const bannerOrder = ['malware', 'phishing', 'unverified', 'firstContact', 'images', 'unsubscribe'] as const;
export type BannerKind = (typeof bannerOrder)[number];

export interface BannerAct {
  readonly words: string;
  readonly run: () => void;
}

export interface BannerNotice {
  readonly kind: BannerKind;
  readonly fact: string;
  readonly reason: string;
  readonly act?: BannerAct;
  readonly second?: BannerAct;
}

export const mostBanners = 2;

export function inOrder(notices: readonly BannerNotice[]): BannerNotice[] {
  return notices.toSorted((a, b) => bannerOrder.indexOf(a.kind) - bannerOrder.indexOf(b.kind));
}

export type BannerTone = 'danger' | 'warn' | 'info';

export function toneOf(kind: BannerKind): BannerTone {
  if (kind === 'malware' || kind === 'phishing' || kind === 'unverified') return 'danger';
  return kind === 'firstContact' ? 'warn' : 'info';
}
