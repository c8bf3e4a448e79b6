/**
 * Messages of SCRAM (RFC 5802 section 7, RFC 7677), of either end: octets in, values out. What is not that grammar is undefined;
 * so is a message with an extension that must be understood (`m=`), for there is none (RFC 5802 5.1).
 */
export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS';

export interface ScramClientFirst {
  /** `n`: cannot bind to the channel; `y`: could, and believes that we cannot; `p`: does, in the way named. */
  readonly binding: { readonly flag: 'n' | 'y' } | { readonly flag: 'p'; readonly name: string };
  /** As the client will repeat it: with its commas. */
  readonly gs2Header: string;
  /** Authorization identity; empty: the same as `user`. */
  readonly authorize: string;
  readonly user: string;
  readonly nonce: string;
  /** Without the GS2 header. */
  readonly bare: string;
}

export interface ScramClientFinal {
  /** What `c=` holds: the GS2 header, then the data of the channel. */
  readonly channel: Buffer;
  readonly nonce: string;
  readonly proof: Buffer;
  /** Without its last attribute. */
  readonly withoutProof: string;
}

export interface ScramServerFirst {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

/** [p=name / n / y] "," [a=saslname] "," n=saslname "," r=nonce ["," extensions] */
export function parseClientFirst(octets: Uint8Array): ScramClientFirst | undefined {
  const text = utf8(octets);
  if (text === undefined) return undefined;
  const first = text.indexOf(',');
  const second = first < 0 ? -1 : text.indexOf(',', first + 1);
  if (second < 0) return undefined;
  const binding = parseBinding(text.slice(0, first));
  const given = text.slice(first + 1, second);
  const authorize = given === '' ? '' : saslName(given, 'a=');
  const bare = text.slice(second + 1);
  const [name = '', nonce = '', ...extensions] = bare.split(',');
  const user = saslName(name, 'n=');
  if (binding === undefined || authorize === undefined || user === undefined || user === '') return undefined;
  if (!nonce.startsWith('r=') || !isNonce(nonce.slice(2)) || !extensions.every(isAttribute)) return undefined;
  return { binding, gs2Header: text.slice(0, second + 1), authorize, user, nonce: nonce.slice(2), bare };
}

/** c=base64 "," r=nonce ["," extensions] "," p=base64 */
export function parseClientFinal(octets: Uint8Array): ScramClientFinal | undefined {
  const text = utf8(octets);
  const last = text?.lastIndexOf(',') ?? -1;
  if (text === undefined || last < 0) return undefined;
  const withoutProof = text.slice(0, last);
  const [bound = '', nonce = '', ...extensions] = withoutProof.split(',');
  const channel = base64(bound, 'c=');
  const proof = base64(text.slice(last + 1), 'p=');
  if (channel === undefined || proof === undefined || !extensions.every(isAttribute)) return undefined;
  if (!nonce.startsWith('r=') || !isNonce(nonce.slice(2))) return undefined;
  return { channel, nonce: nonce.slice(2), proof, withoutProof };
}

export const formatServerFirst = ({ nonce, salt, iterations }: ScramServerFirst): string =>
  `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;

export const formatServerFinal = (signature: Uint8Array): string => `v=${Buffer.from(signature).toString('base64')}`;

/** RFC 5802 3: what both sign. */
export const authMessage = (first: ScramClientFirst, serverFirst: string, final: ScramClientFinal): string =>
  `${first.bare},${serverFirst},${final.withoutProof}`;

function parseBinding(flag: string): ScramClientFirst['binding'] | undefined {
  if (flag === 'n' || flag === 'y') return { flag };
  // RFC 5802 7: cb-name is letters, digits, "." and "-".
  return /^p=[A-Za-z0-9.-]{1,64}$/.test(flag) ? { flag: 'p', name: flag.slice(2) } : undefined;
}

/** RFC 5802 5.1: "," is written =2C and "=" =3D; any other "=" makes it no name. */
function saslName(attribute: string, key: string): string | undefined {
  if (!attribute.startsWith(key)) return undefined;
  let name = '';
  for (let i = key.length; i < attribute.length; i++) {
    const character = attribute[i]!;
    if (character === '\0') return undefined;
    if (character !== '=') {
      name += character;
      continue;
    }
    const code = attribute.slice(i, i + 3);
    if (code !== '=2C' && code !== '=3D') return undefined;
    name += code === '=2C' ? ',' : '=';
    i += 2;
  }
  return name;
}

/** Printable ASCII but the comma. */
function isNonce(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x21 || code > 0x7e || code === 0x2c) return false;
  }
  return text.length > 0;
}

/** An extension that may be ignored. */
const isAttribute = (text: string): boolean => /^[A-Za-ln-z]=[^\0]/.test(text);

/** RFC 4648 4, whole groups, nothing else in it. */
function base64(attribute: string, key: string): Buffer | undefined {
  if (!attribute.startsWith(key)) return undefined;
  const text = attribute.slice(key.length);
  const octets = Buffer.from(text, 'base64');
  return text !== '' && octets.toString('base64') === text ? octets : undefined;
}

function utf8(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return undefined;
  }
}
