/**
 * The capability lists (RFC 9051 6.1.1, 7.2.2). Clients are known that ask once, before login, and never again, and others
 * that read only the tagged OK of LOGIN; so the list before login holds everything that does not depend on who logs in,
 * and the tagged OK of LOGIN, AUTHENTICATE and ENABLE's forerunners carries the full list.
 */

/** Everything the session understands in any state. One extension a line, with what it stands for. */
const always = [
  'IMAP4rev1', // RFC 3501
  'IMAP4rev2', // RFC 9051; its rules begin with ENABLE
  'LITERAL+', // RFC 7888; LITERAL- must not be listed beside it
  'SASL-IR', // RFC 4959
  'ID', // RFC 2971
  'ENABLE', // RFC 5161
  'IDLE', // RFC 2177
  'NAMESPACE', // RFC 2342
  'UIDPLUS', // RFC 4315
  'MOVE', // RFC 6851
  'UNSELECT', // RFC 3691
  'CHILDREN', // RFC 3348
  'SPECIAL-USE', // RFC 6154
  'CREATE-SPECIAL-USE', // RFC 6154
  'LIST-EXTENDED', // RFC 5258
  'LIST-STATUS', // RFC 5819
  'STATUS=SIZE', // RFC 8438
  'ESEARCH', // RFC 4731
  'SEARCHRES', // RFC 5182
  'WITHIN', // RFC 5032
  'CONDSTORE', // RFC 7162
  'BINARY', // RFC 3516
  'MULTIAPPEND', // RFC 3502
  'QUOTA', // RFC 9208
  'QUOTA=RES-STORAGE',
] as const;

export interface CapabilityView {
  readonly authenticated: boolean;
  readonly secure: boolean;
  /** A password in clear may be sent: TLS, or both ends on this machine. */
  readonly passwordAllowed: boolean;
  /** SASL mechanisms besides PLAIN. */
  readonly mechanisms: readonly string[];
  readonly startTlsAvailable: boolean;
  readonly maxMessageBytes: number;
}

/** The list without the word CAPABILITY, joined by spaces. */
export function capabilityList(view: CapabilityView): string {
  const names: string[] = [...always];
  // RFC 7889 3: with a number it holds for every mailbox.
  names.push(`APPENDLIMIT=${view.maxMessageBytes}`);
  if (!view.authenticated) {
    // RFC 9051 6.2.1: not once TLS is on.
    if (!view.secure && view.startTlsAvailable) names.push('STARTTLS');
    // RFC 9051 7.2.2: LOGINDISABLED, and no plain-text mechanism, until TLS protects the password.
    names.push(view.passwordAllowed ? 'AUTH=PLAIN' : 'LOGINDISABLED');
    for (const mechanism of view.mechanisms) names.push(`AUTH=${mechanism}`);
  }
  return names.join(' ');
}
