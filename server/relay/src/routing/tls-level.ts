/** What TLS a hop must have. `may`: if it is offered, whoever it is (RFC 7435). `verify`: with a certificate for its name. */
export type TlsLevel = 'none' | 'may' | 'encrypt' | 'verify';

const order: readonly TlsLevel[] = ['none', 'may', 'encrypt', 'verify'];

/** What satisfies both. */
export const stricter = (a: TlsLevel, b: TlsLevel): TlsLevel => (order.indexOf(a) >= order.indexOf(b) ? a : b);
