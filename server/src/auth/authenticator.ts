import type { Lang, Protocol, Role, TakenMail } from '@vaguemestre/shared/people';
import type { AccountId } from '../kernel/ids.js';
import type { Peer } from '../net/connection.js';

export type { Lang, Protocol, Role };

/** Who logged in. */
export interface Principal {
  readonly account: AccountId;
  readonly address: string;
  readonly name: string;
  readonly role: Role;
  readonly lang: Lang;
  readonly admin: boolean;
  readonly quotaBytes: number | undefined;
  /** Signing in to the web asks for a code or a passkey as well. */
  readonly secondFactor?: true;
  /** Id of the app password this came in by; undefined: by the person's own. */
  readonly app?: string;
  /** Keeps a program of the last century: what such programs ask for is done for them. */
  readonly eudora: boolean;
  readonly takenMail: TakenMail;
}

export interface PasswordLogin {
  /** As typed: an address, or the part before the @ of one in the laboratory's domain. */
  readonly identity: string;
  /** The octets as they came; not UTF-8 is taken for Windows-1252, as old clients send it. */
  readonly password: Uint8Array;
  /** SASL authorization identity (RFC 4616); empty means the same as `identity`. */
  readonly authorize?: string;
  readonly protocol: Protocol;
  readonly peer: Peer;
  readonly secure: boolean;
  /**
   * `program` (the default): one of the app passwords will do, and must be if the person has a second factor. `page`: a person
   * at the sign-in page, who has to know the password itself; whoever asks sees to the second factor.
   */
  readonly by?: 'program' | 'page';
  /** Came by a listener of old TLS. */
  readonly legacy?: boolean;
}

/**
 * The one place where a password becomes a person. Throws MailError `authenticationFailed` (one text for every reason),
 * `authorizationFailed` or `expired` (the password was right: the text says which door to use, or whom to ask), `throttled`,
 * `unavailable`.
 */
export interface Authenticator {
  login(login: PasswordLogin): Promise<Principal>;
}

/** Where mail for an address goes. */
export interface DirectoryEntry {
  readonly account: AccountId;
  readonly address: string;
  /** What stood after the + of the local part, if anything did. */
  readonly detail: string | undefined;
  readonly quotaBytes: number | undefined;
}

export interface Directory {
  /** undefined: no such person here. Throws MailError unavailable. Case of the address is ignored; +detail is split off. */
  resolve(address: string): Promise<DirectoryEntry | undefined>;
}
