/**
 * Where an SMTP or LMTP session is (RFC 5321 4.1.4). `chunking`: BDAT has begun (RFC 3030), and nothing but BDAT, NOOP, RSET
 * and QUIT may come.
 */
import type { MailParameters } from '../codec/smtp/parameters.js';
import type { MailPath } from '../codec/smtp/path.js';
import type { Intake } from './intake.js';
import type { SmtpClient } from './policy.js';

export type SmtpState<R> =
  /** Before HELO, EHLO or LHLO; again after STARTTLS and XCLIENT. */
  | { readonly kind: 'new' }
  | { readonly kind: 'ready'; readonly helo: Helo }
  | ({ readonly kind: 'mail' } & OpenTransaction<R>)
  | ({ readonly kind: 'chunking'; readonly intake: Intake } & OpenTransaction<R>);

export interface Helo {
  readonly verb: 'helo' | 'ehlo' | 'lhlo';
  readonly domain: string;
}

export interface OpenTransaction<R> {
  readonly helo: Helo;
  readonly client: SmtpClient;
  readonly from: MailPath;
  readonly parameters: MailParameters;
  readonly recipients: R[];
}

/** What XCLIENT said of the client that a trusted host speaks for (Postfix XCLIENT_README). */
export interface XclientView {
  readonly address?: string;
  readonly hostName?: string;
  readonly helo?: string;
}
