/**
 * Reads the links of messages: where they really go, in a form that can be shown, and what about them is misleading. Used
 * for HTML and for plain text alike. Only `http`, `https`, `mailto` and `tel` are links at all; everything else gives
 * undefined. Linear, and nothing is looked up.
 */
import { unicodeHost } from './unicode-host.js';

export type LinkWarning =
  /** The text names another host than the one it goes to. */
  | 'otherHost'
  /** The host mixes alphabets, or is written wholly in letters that look like others. */
  | 'mixedScripts'
  /** The text contains characters that turn the reading direction around. */
  | 'bidi'
  /** `https://bank.example@evil.example/`: what stands before the host looks like it. */
  | 'credentials'
  /** A bare number instead of a name. */
  | 'address';

export interface Link {
  readonly kind: 'web' | 'mail' | 'phone';
  readonly href: string;
  /** To be shown: the host as one reads it, in its ASCII form when that form is safer; or the address, or the number. */
  readonly shown: string;
  readonly warnings: readonly LinkWarning[];
}

const maxLinkLength = 8_000;
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

export function readLink(href: string, text: string): Link | undefined {
  if (href.length > maxLinkLength) return undefined;
  let url: URL;
  try {
    url = new URL(href.trim());
  } catch {
    return undefined; // relative, or nonsense: there is no page that it could be relative to
  }
  const warnings: LinkWarning[] = [];
  if (bidiControls.test(text)) warnings.push('bidi');
  if (url.protocol === 'mailto:' || url.protocol === 'tel:') {
    const kind = url.protocol === 'tel:' ? 'phone' : 'mail';
    const shown = safely(decodeURIComponent, url.pathname).slice(0, 200);
    return { kind, href: url.href, shown: shown.replace(new RegExp(bidiControls, 'g'), ''), warnings };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const host = unicodeHost(url.hostname);
  if (host.suspect) warnings.push('mixedScripts');
  if (url.username !== '' || url.password !== '') warnings.push('credentials');
  if (/^(?:\[.*\]|[\d.]+)$/.test(url.hostname)) warnings.push('address');
  const named = hostInText(text);
  if (named !== undefined && !sameSite(named, url.hostname) && !sameSite(named, host.shown)) warnings.push('otherHost');
  const port = url.port === '' ? '' : `:${url.port}`;
  return { kind: 'web', href: url.href, shown: (host.suspect ? url.hostname : host.shown) + port, warnings };
}

function safely(decode: (text: string) => string, text: string): string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

/** Bare words with these ends are taken for hosts; `report.pdf` and `node.js` are not. */
const knownEnds = new Set(
  'com org net edu gov int eu fr de uk ch at be nl it es pt pl se no dk fi ie lu cz gr ro ru ua cn jp kr in br ca au us mx info biz io dev app xyz top online site shop me cc tv example test'.split(
    ' ',
  ),
);

/** The host that the text of a link names, if it looks like it names one. */
export function hostInText(text: string): string | undefined {
  const word = text.replace(new RegExp(bidiControls, 'g'), '').trim().slice(0, 300).toLowerCase();
  if (/\s/.test(word)) return undefined;
  const withScheme = /^https?:\/\//.test(word);
  const rest = word.replace(/^https?:\/\//, '');
  const host = rest.split(/[/?#:]/, 1)[0]!.replace(/^.*@/, '');
  if (rest.includes('@') && !withScheme) return undefined;
  if (!/^[\p{L}\p{N}.-]+$/u.test(host) || !host.includes('.') || host.startsWith('.') || host.endsWith('.'))
    return undefined;
  const end = host.slice(host.lastIndexOf('.') + 1);
  return withScheme || host.startsWith('www.') || knownEnds.has(end) ? host : undefined;
}

/** One is the other, or a part of it: `www.uni-x.example`, `uni-x.example`. */
function sameSite(one: string, other: string): boolean {
  const a = one.replace(/^www\./, '');
  const b = other.replace(/^www\./, '');
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}
