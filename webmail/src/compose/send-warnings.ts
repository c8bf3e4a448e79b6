/** What is said before a message leaves: reasons that it cannot, and questions that a second look may save. */
import { isAddress } from '@vaguemestre/shared/address-list';
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import { lookAlike } from '@vaguemestre/shared/look-alike';
import { speaksOfAttachment } from './attachment-words.js';
import { type Draft, recipients } from './draft.js';
import { ownText } from './quote-text.js';

export type SendWarning =
  /** Cannot be sent. */
  | { readonly kind: 'noRecipient' }
  | { readonly kind: 'invalidRecipient'; readonly address: string }
  | { readonly kind: 'uploading'; readonly names: readonly string[] }
  | { readonly kind: 'tooLarge'; readonly octets: number; readonly limit: number }
  /** Can, after a look. */
  | { readonly kind: 'noSubject' }
  | { readonly kind: 'forgottenAttachment' }
  | { readonly kind: 'manyRecipients'; readonly count: number }
  /** An answer that everybody on a mailing list gets. */
  | { readonly kind: 'toList'; readonly list: string }
  | { readonly kind: 'lookAlike'; readonly address: string; readonly of: EmailAddress }
  | { readonly kind: 'heldFile'; readonly names: readonly string[] };

const stopping = new Set<SendWarning['kind']>(['noRecipient', 'invalidRecipient', 'uploading', 'tooLarge']);
export const stopsSending = ({ kind }: SendWarning): boolean => stopping.has(kind);

export interface SendingRules {
  /** Octets of a whole message that the server takes. */
  readonly maxMessageOctets: number;
  /** People written to before and those of the laboratory. */
  readonly known: readonly EmailAddress[];
  readonly domain: string;
}

const manyRecipients = 20;
/** Base64 makes 4 octets of 3, and a line end every 76 (RFC 2045 section 6.8). */
export const base64Growth = (4 / 3) * (78 / 76);

/** Types that mail filters hold back: programs, scripts, shortcuts, disk images, office files with macros. */
const heldExtensions =
  /\.(?:exe|com|scr|pif|bat|cmd|msi|msp|cpl|dll|jar|js|jse|vbs|vbe|wsf|wsh|hta|ps1|lnk|reg|iso|img|vhdx?|chm|xlsm|xlam|docm|dotm|pptm|ppam|xll)$/i;

export const isHeldName = (name: string): boolean => heldExtensions.test(name.trim());

export function sendWarnings(draft: Draft, rules: SendingRules): readonly SendWarning[] {
  const found: SendWarning[] = [];
  const all = recipients(draft);
  if (all.length === 0) found.push({ kind: 'noRecipient' });
  for (const { email } of all) if (!isAddress(email)) found.push({ kind: 'invalidRecipient', address: email });
  const going = draft.files.filter(({ blobId }) => blobId === undefined).map(({ name }) => name);
  if (going.length > 0) found.push({ kind: 'uploading', names: going });
  const octets =
    Math.ceil(draft.files.reduce((sum, { size }) => sum + size, 0) * base64Growth) +
    draft.text.length +
    draft.html.length;
  if (octets > rules.maxMessageOctets) found.push({ kind: 'tooLarge', octets, limit: rules.maxMessageOctets });

  if (draft.subject.trim() === '') found.push({ kind: 'noSubject' });
  const attached = draft.files.some(({ cid }) => cid === undefined);
  if (!attached && speaksOfAttachment(`${draft.subject}\n${ownText(draft.text, draft.attribution)}`)) {
    found.push({ kind: 'forgottenAttachment' });
  }
  if (all.length > manyRecipients) found.push({ kind: 'manyRecipients', count: all.length });
  const { list } = draft;
  if (list !== undefined && all.some(({ email }) => email.toLowerCase() === list.toLowerCase())) {
    found.push({ kind: 'toList', list });
  }
  for (const { email } of all) {
    const of = lookAlike(email, rules.known, [rules.domain]);
    if (of !== undefined) found.push({ kind: 'lookAlike', address: email, of });
  }
  const held = draft.files.filter(({ name }) => isHeldName(name)).map(({ name }) => name);
  if (held.length > 0) found.push({ kind: 'heldFile', names: held });
  return found;
}
