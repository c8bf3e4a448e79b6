import type { BinaryString } from './header-fields.js';
import type { MimePart } from './part.js';

/** Takes the octets of one body. The octets are only valid during the call. */
export interface BodySink {
  push(octets: Uint8Array): void;
  end(): void;
}

/** Is told of what the scanner passes. */
export interface ScanTap {
  /** A header block is complete. `message`: of the outermost message, an encapsulated one, or a part of a multipart. */
  header?(block: BinaryString, of: 'message' | 'encapsulated' | 'part'): void;
  /** The body of a leaf begins; undefined: not wanted. */
  leaf?(part: MimePart): BodySink | undefined;
  /** The text before the first delimiter of a multipart: in broken mail it is the whole text. */
  preamble?(part: MimePart): BodySink | undefined;
}
