/**
 * What a question to the DNS gave, in the three kinds that mail must tell apart (RFC 5321 5.1): records; the certainty that
 * there are none, which is permanent; and no answer, after which a message waits. To take the third for the second bounces
 * mail whenever a name server is away.
 */
export type DnsAnswer<T> =
  | { readonly kind: 'records'; readonly records: readonly T[] }
  /** `noName`: the name does not exist (NXDOMAIN). `noData`: it does, without records of this type (RFC 2308 2). */
  | { readonly kind: 'none'; readonly why: 'noName' | 'noData' }
  | { readonly kind: 'failed'; readonly why: DnsFailure };

export type DnsFailure =
  /** Nobody answered. */
  | 'timeout'
  /** SERVFAIL: the resolver could not find out, or DNSSEC did not hold. */
  | 'servfail'
  /** REFUSED, or an answer that makes no sense. */
  | 'refused'
  /** The question makes no sense. */
  | 'badName';

export interface MxRecord {
  /** Lower case; empty for the null MX (RFC 7505). */
  readonly exchange: string;
  readonly preference: number;
}

/** Names are asked as A-labels. None of these rejects, but for the signal. */
export interface Dns {
  mx(name: string, signal?: AbortSignal): Promise<DnsAnswer<MxRecord>>;
  addresses(name: string, family: 4 | 6, signal?: AbortSignal): Promise<DnsAnswer<string>>;
  /** The strings of a record are joined (RFC 7208 3.3). */
  txt(name: string, signal?: AbortSignal): Promise<DnsAnswer<string>>;
  nameServers(name: string, signal?: AbortSignal): Promise<DnsAnswer<string>>;
}
