/** What was wrong with TLS, in the words of reports between laboratories (RFC 8460 4.3). */
export interface TlsFailure {
  readonly kind:
    | 'starttls-not-supported'
    | 'certificate-host-mismatch'
    | 'certificate-expired'
    | 'certificate-not-trusted'
    | 'validation-failure';
  readonly text: string;
}

/** `reason` as OpenSSL and Node name it. */
export function tlsFailureOf(reason: string): TlsFailure {
  switch (reason) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return { kind: 'certificate-host-mismatch', text: reason };
    case 'CERT_HAS_EXPIRED':
      return { kind: 'certificate-expired', text: reason };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return { kind: 'certificate-not-trusted', text: reason };
    default:
      return { kind: 'validation-failure', text: reason };
  }
}
