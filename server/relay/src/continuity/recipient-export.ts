/**
 * Who has a mailbox here, for hosts that take our mail before us (the campus, a partner as MX 50): what they refuse at RCPT need not be
 * returned by anybody later. As text, as a Postfix map, as JSON, or as salted hashes for those who are to know whether an address
 * exists and not which exist. The same people give the same octets and the same tag, so that a fetch that changes nothing is a 304.
 */
import { createHash, createHmac } from 'node:crypto';
import type { ExportForm, RecipientExport } from '@vaguemestre/server/outbox/relay-outlook';

/** `salt`: for `hashes`; a new one makes every list of before useless. */
export function exportRecipients(addresses: Iterable<string>, form: ExportForm, salt: string): RecipientExport {
  const list = [...new Set([...addresses].map((address) => address.toLowerCase()).filter(isPlain))].sort();
  const body = bodyOf(list, form, salt);
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return {
    body,
    contentType: form === 'text' || form === 'postfix' ? 'text/plain; charset=utf-8' : 'application/json',
    etag: `"${digest}"`,
  };
}

function bodyOf(list: readonly string[], form: ExportForm, salt: string): string {
  switch (form) {
    case 'text':
      return list.map((address) => `${address}\n`).join('');
    case 'postfix':
      // relay_recipient_maps (postmap): the value is not looked at.
      return list.map((address) => `${address} OK\n`).join('');
    case 'json':
      return `${JSON.stringify({ recipients: list })}\n`;
    case 'hashes':
      return `${JSON.stringify({ algorithm: 'hmac-sha256', salt, recipients: list.map((one) => recipientHash(one, salt)).sort() })}\n`;
    default:
      return form satisfies never;
  }
}

/** How an upstream asks of one address. */
export const recipientHash = (address: string, salt: string): string =>
  createHmac('sha256', salt).update(address.toLowerCase()).digest('hex');

/** One that would be two lines, or a key and a value, is in no map. */
function isPlain(address: string): boolean {
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === 0x22) return false;
  }
  return address !== '';
}
