/**
 * Domains as routing compares them: lower case, A-labels (RFC 5890 2.3.2.1), no final dot. Address literals (RFC 5321 4.1.3) are
 * their address.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { isDomain } from '@vaguemestre/server/codec/smtp/path';

/** Undefined for what is no domain. */
export function canonicalDomain(text: string): string | undefined {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  if (!isDomain(bare)) return undefined;
  // Names with an underscore are no host names, but some receive mail: they pass as they are.
  const ascii = isAscii(bare) ? bare.toLowerCase() : domainToASCII(bare);
  return ascii === '' || ascii.length > 253 ? undefined : ascii;
}

/** The address in `[192.0.2.1]` or `[IPv6:2001:db8::1]`; undefined for anything else. */
export function literalAddress(domain: string): string | undefined {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return undefined;
  const inner = domain.slice(1, -1);
  if (inner.slice(0, 5).toLowerCase() === 'ipv6:') return isIPv6(inner.slice(5)) ? inner.slice(5) : undefined;
  return isIPv4(inner) ? inner : undefined;
}

/** What stands behind the last `@`; the local part may be quoted and hold another. */
export function splitAddress(address: string): { readonly localPart: string; readonly domain: string } {
  const at = address.lastIndexOf('@');
  return at < 0
    ? { localPart: address, domain: '' }
    : { localPart: address.slice(0, at), domain: address.slice(at + 1) };
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Of `a.b.example`: itself, `.b.example`, `.example`: what a table of domains and their subdomains is asked for, nearest first. */
export function* enclosingDomains(domain: string): Generator<string> {
  yield domain;
  for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) yield domain.slice(dot);
}
