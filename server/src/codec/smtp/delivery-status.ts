/**
 * The machine's part of a delivery status notification: `message/delivery-status` (RFC 3464 2.3), one group a recipient. What hosts
 * and senders wrote cannot end a line.
 */
import { mailDate } from './trace-fields.js';

export interface RecipientStatus {
  readonly address: string;
  /** `type;address`. */
  readonly orcpt: string | undefined;
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed';
  /** The last reply, one line. */
  readonly reply: string | undefined;
  readonly at: Date | undefined;
  /** `name [address]` of the host that gave it. */
  readonly remote?: string | undefined;
  readonly willRetryUntil?: Date | undefined;
}

/** Lines, the empty one that begins the group included. */
export function recipientStatus(status: RecipientStatus): readonly string[] {
  const { address, orcpt, action, reply = '', at, remote, willRetryUntil } = status;
  const troubled = action === 'failed' || action === 'delayed';
  return [
    '',
    ...(orcpt === undefined ? [] : [`Original-Recipient: ${oneLine(orcpt)}`]),
    `Final-Recipient: ${typedAddress(address)}`,
    `Action: ${action}`,
    `Status: ${statusOfAction(reply, action)}`,
    ...(remote === undefined ? [] : [`Remote-MTA: dns; ${oneLine(remote)}`]),
    ...(troubled && reply !== '' ? [`Diagnostic-Code: smtp; ${oneLine(reply)}`] : []),
    ...(at === undefined ? [] : [`Last-Attempt-Date: ${mailDate(at)}`]),
    ...(willRetryUntil === undefined ? [] : [`Will-Retry-Until: ${mailDate(willRetryUntil)}`]),
  ];
}

/** RFC 3464 2.3.4: the status of something that failed for good has class 5, also when every try was told 4. */
function statusOfAction(reply: string, action: RecipientStatus['action']): string {
  const status = statusOf(reply);
  return action === 'failed' && status.startsWith('4') ? `5${status.slice(1)}` : status;
}

/** RFC 6533 3: beyond ASCII the type is `utf-8`, and what is not printable ASCII is written `\x{HEX}`. */
function typedAddress(address: string): string {
  let written = '';
  let ascii = true;
  for (const character of address) {
    const code = character.codePointAt(0)!;
    if (code > 126) ascii = false;
    written += code > 32 && code < 127 && character !== '\\' ? character : `\\x{${code.toString(16).toUpperCase()}}`;
  }
  return ascii ? `rfc822; ${oneLine(address)}` : `utf-8; ${written}`;
}

/** Printable ASCII, short enough for a line. */
export function oneLine(text: string): string {
  let clean = '';
  for (const character of text.slice(0, 900)) clean += character >= ' ' && character < '\x7f' ? character : '?';
  return clean;
}

/** The enhanced code of `550 5.1.1 text`, else one made of the class of the reply. */
export function statusOf(reply: string): string {
  const [code = '', enhanced = ''] = reply.split(' ', 2);
  const parts = enhanced.split('.');
  if (parts.length === 3 && parts.every((part) => part !== '' && part.length < 4 && Number.isInteger(Number(part)))) {
    return enhanced;
  }
  return code.startsWith('2') ? '2.0.0' : code.startsWith('4') ? '4.0.0' : '5.0.0';
}
