/** SASL PLAIN (RFC 4616). */
export interface PlainCredentials {
  /** Authorization identity; empty: the same as `identity`. */
  readonly authorize: string;
  readonly identity: string;
  readonly password: Uint8Array;
}

/** [authzid] NUL authcid NUL passwd, the first two in UTF-8; undefined if it is not that. */
export function parsePlain(response: Uint8Array): PlainCredentials | undefined {
  const first = response.indexOf(0);
  const second = first < 0 ? -1 : response.indexOf(0, first + 1);
  if (second < 0 || response.indexOf(0, second + 1) >= 0) return undefined;
  const authorize = utf8(response.subarray(0, first));
  const identity = utf8(response.subarray(first + 1, second));
  const password = response.subarray(second + 1);
  // RFC 4616 2: authcid and passwd are at least one character.
  if (authorize === undefined || identity === undefined || identity === '' || password.length === 0) return undefined;
  return { authorize, identity, password };
}

function utf8(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return undefined;
  }
}
