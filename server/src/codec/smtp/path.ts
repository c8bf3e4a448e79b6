/**
 * Reverse-paths and forward-paths (RFC 5321 4.1.2, RFC 6531 3.3): `<>`, `<local@domain>`, quoted local parts, address literals,
 * source routes (read and dropped: RFC 5321 appendix C), and `<postmaster>` alone for recipients (4.5.1).
 */

export interface MailPath {
  /** As it was written between the angle brackets, without a source route; empty for `<>`. */
  readonly address: string;
  /** The quoting is in it, if there was any. */
  readonly localPart: string;
  /** A domain or an address literal with its brackets; empty for `<>` and `<postmaster>`. */
  readonly domain: string;
  /** It has characters beyond ASCII: allowed with SMTPUTF8 only. */
  readonly utf8: boolean;
}

/** RFC 5321 4.5.3.1.3: 256 octets with punctuation; RFC 3461 and long real addresses want more. */
const maxPathOctets = 1000;

/** Reads a path from `from`; `end` is the index behind its `>`. Undefined if there is none. `unqualified`: any local part may stand
 *  alone, as machines of a laboratory write it. */
export function parsePath(
  text: string,
  from: number,
  unqualified = false,
): { readonly path: MailPath; readonly end: number } | undefined {
  if (text[from] !== '<') return undefined;
  let at = from + 1;
  if (text[at] === '>') return { path: { address: '', localPart: '', domain: '', utf8: false }, end: at + 1 };
  if (text[at] === '@') {
    // A-d-l ":" : the route is not followed.
    const colon = text.indexOf(':', at);
    if (colon < 0) return undefined;
    for (const hop of text.slice(at, colon).split(',')) if (hop[0] !== '@' || !isDomain(hop.slice(1))) return undefined;
    at = colon + 1;
  }
  const start = at;
  at = text[at] === '"' ? quotedEnd(text, at) : dotStringEnd(text, at);
  if (at <= start) return undefined;
  const localPart = text.slice(start, at);
  let domain = '';
  if (text[at] === '@') {
    const close = text.indexOf('>', at);
    if (close < 0) return undefined;
    domain = text.slice(at + 1, close);
    if (!(domain[0] === '[' ? isAddressLiteral(domain) : isDomain(domain))) return undefined;
    at = close;
  } else if (!unqualified && localPart.toLowerCase() !== 'postmaster') return undefined;
  if (text[at] !== '>' || at - from > maxPathOctets) return undefined;
  const address = text.slice(start, at);
  return { path: { address, localPart, domain, utf8: hasUtf8(address) }, end: at + 1 };
}

/** RFC 5321 4.1.2 sub-domain, with underscores because hosts have them, and any letter beyond ASCII (RFC 6531 U-label). */
export function isDomain(text: string): boolean {
  if (text.length === 0 || text.length > 255) return false;
  let label = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (label === 0) return false;
      label = 0;
    } else if (isLetterOrDigit(code) || code === 0x2d || code === 0x5f || code > 0x7f) label++;
    else return false;
  }
  // One dot at the end is the DNS root; RFC 5321 has none, but hosts say it in HELO.
  return label > 0 || text.length > 1;
}

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[tag:content]`. The address itself is not checked: nothing is connected to. */
export function isAddressLiteral(text: string): boolean {
  if (text.length < 3 || text.length > 255 || text[0] !== '[' || text[text.length - 1] !== ']') return false;
  for (let i = 1; i < text.length - 1; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x21 || code > 0x7e || (code >= 0x5b && code <= 0x5d)) return false;
  }
  return true;
}

function quotedEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code === 0x5c) i++;
    const meant = text.charCodeAt(i);
    // qtextSMTP and quoted-pairSMTP: printable or space; no controls.
    if (!(meant >= 0x20 && meant !== 0x7f)) return -1;
  }
  return -1;
}

/** Atoms joined by dots. Doubled and outer dots are not in the grammar; they are in the addresses of real people. */
function dotStringEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (!(isLetterOrDigit(code) || code > 0x7f || atextOthers.has(code) || code === 0x2e)) break;
    at++;
  }
  return at;
}

const atextOthers: ReadonlySet<number> = new Set(
  [..."!#$%&'*+-/=?^_`{|}~"].map((character) => character.charCodeAt(0)),
);

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function hasUtf8(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return true;
  return false;
}
