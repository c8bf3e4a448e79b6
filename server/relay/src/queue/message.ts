/**
 * What the parts of the relay say to each other about a message: spool, queue, router and deliverers share these words and
 * nothing else.
 */

/** What came with MAIL FROM and has to travel on. */
export interface Envelope {
  /** Empty for `<>`. */
  readonly from: string;
  /** RFC 3461 4.4 and 4.3. */
  readonly envid?: string;
  readonly ret?: 'full' | 'hdrs';
  /** SMTPUTF8 was declared (RFC 6531): the header, or an address, may be beyond ASCII. */
  readonly smtpUtf8: boolean;
  /** There are octets above 127 (RFC 6152), whatever was declared. */
  readonly eightBit: boolean;
  /** RFC 8689: only over TLS that was verified, hop by hop. */
  readonly requireTls: boolean;
}

export type Notify = readonly ('never' | 'success' | 'failure' | 'delay')[];

export interface Recipient {
  /** As it goes out in RCPT TO, after every rewriting. */
  readonly address: string;
  /** RFC 3461 4.2: `type;address`, not encoded. */
  readonly orcpt?: string;
  readonly notify?: Notify;
}

/** Octets as they go out, without dot-stuffing; every line ends in CRLF but perhaps the last. */
export interface Body {
  readonly sizeBytes: number;
  /** Each call begins at the first octet. */
  octets(): AsyncIterable<Uint8Array>;
}

/** The other end, as SPF and the person who asks want to know it. Of what was made here nothing is said. */
export interface Client {
  readonly address?: string;
  readonly hostName?: string;
  readonly helo?: string;
}
