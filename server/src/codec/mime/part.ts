import type { ContentFields } from './content-fields.js';
import type { BinaryString } from './header-fields.js';

/**
 * One part of a scanned message. All offsets count octets from the start of the message. A `message` part
 * (message/rfc822, message/global) has one child: the encapsulated message, whose header begins where the part's body
 * does. A `multipart` has at least one child: when no delimiter was found, one plain text part that spans the body.
 */
export interface MimePart {
  readonly kind: 'leaf' | 'multipart' | 'message';
  readonly headerStart: number;
  /** Behind the empty line that ends the header; equal to `end` when there is no body. */
  readonly bodyStart: number;
  readonly end: number;
  /** Line ends in the body. */
  readonly lines: number;
  readonly content: ContentFields;
  readonly children: readonly MimePart[];
  /** The header block of a message, outermost or encapsulated, without the empty line; '' for other parts. */
  readonly header: BinaryString;
}
