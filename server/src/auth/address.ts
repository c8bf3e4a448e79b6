import { domainToASCII } from 'node:url';

/**
 * Mail addresses as people type them and as envelopes carry them, brought to the one form that is stored and compared:
 * Unicode NFC, lower case, the domain in its ASCII form (RFC 5890), no quotes. RFC 5321 2.4 lets a local part mind its
 * case; no laboratory wants `Anne@` and `anne@` to be two people.
 */
export interface Address {
  /** `local@domain` without the detail: the key of the directory. */
  readonly address: string;
  readonly local: string;
  readonly domain: string;
  /** What stood after the first `+` of the local part, in its own spelling; undefined if there was no `+`. */
  readonly detail: string | undefined;
}

/** RFC 5321 4.5.3.1: 64 octets of local part, 255 of domain. SMTPUTF8 counts octets too. */
const maxLocalOctets = 64;
const maxDomainOctets = 255;

/** Parses and normalises; a text without `@` is completed with `defaultDomain`. Undefined if it is no address. */
export function parseAddress(text: string, defaultDomain: string): Address | undefined {
  const typed = text.normalize('NFC').trim();
  if (typed.length === 0 || typed.length > maxLocalOctets * 2 + maxDomainOctets) return undefined;
  const at = typed.lastIndexOf('@');
  const written = at < 0 ? typed : typed.slice(0, at);
  const domain = normaliseDomain(at < 0 ? defaultDomain : typed.slice(at + 1));
  const spelt = unquote(written);
  if (domain === undefined || spelt === undefined) return undefined;
  const plus = spelt.indexOf('+', 1);
  const local = (plus < 0 ? spelt : spelt.slice(0, plus)).toLowerCase().normalize('NFC');
  if (local.length === 0 || Buffer.byteLength(spelt) > maxLocalOctets * 2) return undefined;
  return { address: `${local}@${domain}`, local, domain, detail: plus < 0 ? undefined : spelt.slice(plus + 1) };
}

/** Lower case ASCII form of a domain, undefined if it is none. Address literals (`[192.0.2.1]`) are no domain here. */
export function normaliseDomain(text: string): string | undefined {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  if (bare.length === 0 || bare.length > maxDomainOctets) return undefined;
  for (const character of bare) {
    // domainToASCII reads a URL host: what would end a host in a URL, or be an address literal, must not reach it.
    if (character <= ' ' || '/\\?#@:[]%"<>^|`{}'.includes(character)) return undefined;
  }
  const ascii = domainToASCII(bare);
  return ascii.length === 0 || ascii.length > maxDomainOctets ? undefined : ascii.toLowerCase();
}

/** RFC 5321 4.1.2: a quoted local part means what is inside. Undefined if controls, spaces or stray quotes are in it. */
function unquote(local: string): string | undefined {
  let plain = local;
  if (local.length >= 2 && local.startsWith('"') && local.endsWith('"')) {
    plain = '';
    for (let i = 1; i < local.length - 1; i++) {
      if (local[i] === '\\' && i < local.length - 2) i++;
      plain += local[i];
    }
  }
  for (const character of plain) {
    if (character <= ' ' || character === '\x7f' || '"\\@<>,;:()[]'.includes(character)) return undefined;
  }
  return plain.length === 0 ? undefined : plain;
}
