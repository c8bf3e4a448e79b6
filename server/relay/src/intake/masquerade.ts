/**
 * Central masquerading (sendmail's MASQUERADE_AS with masquerade_envelope, and EXPOSED_USER): senders at machines of the laboratory are
 * shown as senders of its domain, so that machines need no configuration; exposed users keep their machine, so that one knows which
 * speaks. Only for what comes in by the listener for machines, and before anything is signed.
 */

import { parseAddresses } from '@vaguemestre/server/codec/mime/addresses';
import { type BinaryString, fieldValue, visitFields } from '@vaguemestre/server/codec/mime/header-fields';

export interface Masquerade {
  /** A sender's address as it goes on; a bare name gets the domain. */
  address(address: string): string;
  /** Of one header field: domains behind an @ change, everything else stays as it is written. */
  field(value: BinaryString): BinaryString;
  /** Of a header block, in the fields that name senders. */
  header(block: BinaryString): BinaryString;
}

export interface MasqueradeSettings {
  readonly domain: string;
  /** Whether a host is one of the machines whose name is hidden. */
  readonly hides: (host: string) => boolean;
  readonly exposed: readonly string[];
}

const senderFields: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'reply-to',
  'resent-from',
  'resent-sender',
  'resent-reply-to',
  'return-receipt-to',
  'disposition-notification-to',
  'errors-to',
]);

export function createMasquerade({ domain, hides, exposed }: MasqueradeSettings): Masquerade {
  const exposedNames = new Set(exposed.map((name) => name.toLowerCase()));
  const folds = (local: string, host: string): boolean =>
    host.toLowerCase() !== domain && hides(host.toLowerCase()) && !exposedNames.has(local.toLowerCase());

  const field = (value: BinaryString): BinaryString => {
    let out = '';
    let from = 0;
    for (const { localStart, at, end } of addressSpans(value)) {
      const local = value.slice(localStart, at);
      if (!folds(unquoted(local), value.slice(at + 1, end))) continue;
      out += value.slice(from, at + 1) + domain;
      from = end;
    }
    return out + value.slice(from);
  };

  return {
    address(address) {
      const at = address.lastIndexOf('@');
      if (address === '') return address;
      if (at < 0) return `${address}@${domain}`;
      return folds(unquoted(address.slice(0, at)), address.slice(at + 1))
        ? `${address.slice(0, at)}@${domain}`
        : address;
    },
    field,
    header(block) {
      let out = '';
      let from = 0;
      visitFields(block, (name, _start, valueStart, end) => {
        if (!senderFields.has(name)) return;
        const value = block.slice(valueStart, end);
        const changed = qualified(field(value), domain);
        if (changed === value) return;
        out += block.slice(from, valueStart) + changed;
        from = end;
      });
      return out + block.slice(from);
    },
  };
}

/** `From: root (Cron Daemon)`: one name without a domain gets ours (sendmail's always_add_domain, for machines). */
function qualified(value: BinaryString, domain: string): BinaryString {
  const [only, more] = parseAddresses(fieldValue(value, 0, value.length), 2);
  if (only?.kind !== 'mailbox' || more !== undefined || only.domain !== '' || only.local === '') return value;
  const at = value.indexOf(only.local);
  // A quoted name is left alone: where it ends is not worth guessing.
  if (at < 0 || value.includes('"')) return value;
  const end = at + only.local.length;
  return `${value.slice(0, end)}@${domain}${value.slice(end)}`;
}

interface Span {
  readonly localStart: number;
  readonly at: number;
  readonly end: number;
}

/** Where addresses stand in a field, outside of comments and of quoted names. Linear. */
function addressSpans(value: BinaryString): readonly Span[] {
  const spans: Span[] = [];
  let wordStart = 0;
  let depth = 0;
  for (let i = 0; i < value.length; i++) {
    const character = value[i]!;
    if (character === '\\') i++;
    else if (depth > 0) depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    else if (character === '(') depth = 1;
    else if (character === '"') {
      const start = i;
      for (i++; i < value.length && value[i] !== '"'; i++) if (value[i] === '\\') i++;
      wordStart = start;
    } else if (character === '@') {
      const end = hostEnd(value, i + 1);
      if (end > i + 1 && i > wordStart) spans.push({ localStart: wordStart, at: i, end });
      i = Math.max(i, end - 1);
      wordStart = end;
    } else if (isSeparator(character)) wordStart = i + 1;
  }
  return spans;
}

const isSeparator = (character: string): boolean => ' \t\r\n<>,;:'.includes(character);

function hostEnd(value: BinaryString, from: number): number {
  let end = from;
  while (end < value.length) {
    const code = value.charCodeAt(end);
    const fits = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    if (!fits && code !== 0x2d && code !== 0x2e && code !== 0x5f && code < 0x80) break;
    end++;
  }
  return end;
}

function unquoted(local: string): string {
  return local.length >= 2 && local.startsWith('"') && local.endsWith('"')
    ? local.slice(1, -1).replaceAll('\\', '')
    : local;
}
