/**
 * What a front end gives the ESMTP engine: LMTP, submission and the relay differ in what they take from whom, not in how they
 * speak. One policy object a connection.
 *
 * Each call may throw a MailError, which becomes the reply by error-replies.ts, or an SmtpRefusal; anything else is logged and
 * answered 451.
 */

import type { PlainCredentials } from '../codec/sasl/plain.js';
import type { ScramMechanism } from '../codec/sasl/scram.js';
import type { MailParameters, RcptParameters } from '../codec/smtp/parameters.js';
import type { MailPath } from '../codec/smtp/path.js';
import type { SmtpReply } from '../codec/smtp/reply.js';
import type { Peer } from '../net/connection.js';

export type SaslMechanism = 'PLAIN' | 'LOGIN' | ScramMechanism;

export interface SmtpProfile {
  /** `lmtp`: LHLO, and one reply a recipient after the message (RFC 2033). */
  readonly protocol: 'smtp' | 'lmtp';
  /** In the greeting. */
  readonly hostname: string;
  readonly maxMessageBytes: number;
  readonly startTls: boolean;
  /** Messages may be held for so long (RFC 4865); undefined: not offered. */
  readonly maxHoldSeconds?: number;
  /** REQUIRETLS (RFC 8689) is offered over TLS. */
  readonly requireTls?: boolean;
  /** Addresses may lack their domain: the policy completes them. */
  readonly unqualified?: boolean;
}

/** The other end as it presented itself, or as a trusted host presented it by XCLIENT. */
export interface SmtpClient {
  readonly peer: Peer;
  readonly helo: string;
  /** IP address of the first hop; undefined for a Unix socket. */
  readonly address: string | undefined;
  readonly hostName: string | undefined;
  /** For the Received field: LMTP, ESMTPSA, ... */
  readonly withProtocol: string;
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
}

export interface SmtpTransaction<R> {
  readonly client: SmtpClient;
  readonly from: MailPath;
  readonly parameters: MailParameters;
  /** What `rcpt` gave for each recipient that it accepted, in order. */
  readonly recipients: readonly R[];
}

/** Where the octets of one message go. */
export interface MessageSink {
  /** Resolves when more may come. After it threw, only `abort` is called. */
  write(chunk: Buffer): Promise<void> | undefined;
  /**
   * The message is whole. One reply a recipient in LMTP, one in all in SMTP; what it calls accepted is durable.
   */
  commit(): Promise<readonly SmtpReply[]>;
  /** Never throws. */
  abort(): void;
}

export interface SmtpPolicy<R> {
  /** SASL mechanisms to offer at the moment; none: no AUTH. */
  mechanisms(): readonly SaslMechanism[];
  /** Throws MailError authenticationFailed and its like. */
  login(credentials: PlainCredentials): Promise<void>;
  /** For those of them that are an exchange; `ask` sends a challenge and gives the answer. */
  scram?(mechanism: ScramMechanism, ask: (challenge: Uint8Array) => Promise<Uint8Array>): Promise<void>;
  /** True: this peer may say whom it speaks for (XCLIENT). */
  readonly trusted: boolean;
  mail(client: SmtpClient, from: MailPath, parameters: MailParameters): Promise<void>;
  rcpt(to: MailPath, parameters: RcptParameters): Promise<R>;
  data(transaction: SmtpTransaction<R>): Promise<MessageSink>;
}
