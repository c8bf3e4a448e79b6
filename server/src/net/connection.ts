/** The other end of a connection, as policy and log see it. */
export interface Peer {
  /** IP address, or the path of the Unix socket. After a PROXY header: the address it named. */
  readonly address: string;
  readonly port: number;
  /** A Unix socket. */
  readonly unix: boolean;
  /** Both ends are loopback and no PROXY header was read: a password in clear cannot leave the machine. */
  readonly local: boolean;
}

export type Line =
  /** Without its CRLF, or without a lone LF (`bareLf`: the protocol decides whether it takes that). A CR that is not before
   *  the LF stays in it. The buffer is the caller's to keep, but holds on to the octets it was read with. */
  | { readonly kind: 'line'; readonly bytes: Buffer; readonly bareLf?: true }
  /** Longer than allowed; the rest up to its end was read and thrown away. `head` is its beginning, for the tag. */
  | { readonly kind: 'tooLong'; readonly head: Buffer }
  /** The peer closed. */
  | { readonly kind: 'end' };

/**
 * One accepted connection of a line protocol: framing, deadlines, backpressure, TLS. Written once for IMAP, LMTP, SMTP and
 * POP3. Reading is by pull (nothing is read from the socket while nobody asks, beyond one buffer); writing gathers what is
 * written in one turn of the event loop into one system call.
 *
 * Reads reject with MailError `closed` when the connection was destroyed or its deadline passed. After a deadline
 * (`details.timeout`) the connection still takes writes, so that a session can say why before it calls `end`. One read at a
 * time.
 */
export interface Connection {
  readonly peer: Peer;
  readonly id: string;
  /** TLS is on. */
  readonly secure: boolean;
  /** Verified client certificate's subject, if one was asked for and given. */
  readonly clientCertificate: string | undefined;
  /** Version and cipher as OpenSSL names them; undefined without TLS. */
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  /** What names this TLS session and no other (tls-exporter, RFC 9266); undefined without TLS, and under TLS older than 1.3. */
  tlsExporter(): Buffer | undefined;
  /** True when an octet is there already: what a pipelining client sent. */
  readonly hasBufferedInput: boolean;

  readLine(maxBytes: number): Promise<Line>;
  /** Next octets, at most `maxBytes`, at least one; undefined at the end. The buffer is the caller's to keep. */
  readSome(maxBytes: number): Promise<Buffer | undefined>;
  /** Exactly `count` octets, handed on in order as they come; false if the peer closed before. Waits for `sink`. */
  readExactly(count: number, sink: (chunk: Buffer) => Promise<void> | void): Promise<boolean>;
  /** Puts octets back in front of what comes next (an SMTP DATA reader that read past the final dot). */
  unread(bytes: Buffer): void;
  /** Deadline of the read under way or next, from now; replaced by the next call. A line must be whole by then, and no
   *  longer than `stalledInputTimeoutMs` may pass without an octet of it; `readExactly` instead allows that much for each
   *  chunk and asks for `minInputBytesPerSecond` over the whole. */
  setReadTimeout(ms: number): void;

  /** Queues octets (a string is Latin-1). Never blocks; call `drained` in loops. Octets are not copied: do not reuse them. */
  write(octets: Uint8Array | string): void;
  /** Resolves when less than `maxUnreadOutputBytes` wait; at once mostly. Rejects MailError closed when the peer is gone or
   *  does not read for `stalledOutputTimeoutMs`. */
  drained(): Promise<void> | undefined;
  /** Sends what is queued now, not at the end of the turn. */
  flush(): void;

  /** Server side of STARTTLS: drops buffered plain text (command injection), hands the socket to TLS, resolves after the
   *  handshake. RFC 9051 6.2.1, RFC 3207 4.2. */
  startTls(): Promise<void>;
  /** Sends what is queued, then closes. */
  end(): void;
  destroy(reason: string): void;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
}
