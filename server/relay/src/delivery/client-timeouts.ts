/** RFC 5321 4.5.3.2: how long a client waits for each answer. A test waits less. */
export interface ClientTimeouts {
  /** Not in the RFC: how long a host that does not answer at all keeps a message from the next. */
  readonly connectMs: number;
  readonly handshakeMs: number;
  readonly greetingMs: number;
  /** EHLO, STARTTLS, AUTH, RSET. */
  readonly commandMs: number;
  readonly mailMs: number;
  readonly rcptMs: number;
  readonly dataMs: number;
  /** For the answer to the final dot: giving up early makes duplicates (RFC 1047). */
  readonly finalMs: number;
}

const minuteMs = 60_000;

export const standardTimeouts: ClientTimeouts = {
  connectMs: minuteMs / 2,
  handshakeMs: minuteMs,
  greetingMs: 5 * minuteMs,
  commandMs: 5 * minuteMs,
  mailMs: 5 * minuteMs,
  rcptMs: 5 * minuteMs,
  dataMs: 2 * minuteMs,
  finalMs: 10 * minuteMs,
};
