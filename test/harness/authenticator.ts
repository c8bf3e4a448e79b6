/** An authenticator without a device (WebAuthn level 3, 6): makes passkeys and signs, rightly or as wrongly as a test wants. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface AuthenticatorOptions {
  readonly origin: string;
  readonly rpId?: string;
  /** Its owner was recognised. */
  readonly verified?: boolean;
  /** Backup eligible, backed up. */
  readonly copies?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly challenge?: string;
  readonly type?: string;
}

export interface SoftPasskey {
  readonly id: string;
  /** For `POST /api/auth/passkeys`. */
  make(challenge: string, options?: Partial<AuthenticatorOptions>): object;
  /** For `POST /login/passkey`. */
  sign(challenge: string, options?: Partial<AuthenticatorOptions>): { readonly id: string; readonly response: object };
}

export function softPasskey(common: AuthenticatorOptions): SoftPasskey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rawId = randomBytes(32);
  const id = rawId.toString('base64url');
  return {
    id,
    make(challenge, differences = {}) {
      const options = { ...common, ...differences };
      const length = Buffer.alloc(2);
      length.writeUInt16BE(rawId.length);
      const made = Buffer.concat([Buffer.alloc(16), length, rawId, coseKey(publicKey)]);
      const authData = Buffer.concat([authenticatorData(options, 0x40), made]);
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborOctets(authData)],
      ]);
      return answer(id, {
        clientDataJSON: clientData(options.type ?? 'webauthn.create', challenge, options).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      });
    },
    sign(challenge, differences = {}) {
      const options = { ...common, ...differences };
      const data = authenticatorData(options, 0);
      const client = clientData(options.type ?? 'webauthn.get', challenge, options);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return answer(id, {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
        ...(options.userHandle !== undefined && { userHandle: Buffer.from(options.userHandle).toString('base64url') }),
      });
    },
  };
}

const answer = (id: string, response: object) => ({
  id,
  rawId: id,
  type: 'public-key',
  response,
  clientExtensionResults: {},
});

function authenticatorData(options: AuthenticatorOptions, more: number): Buffer {
  const { origin, rpId = new URL(origin).hostname, verified = true, copies = false, counter = 0 } = options;
  const data = Buffer.alloc(37);
  createHash('sha256').update(rpId).digest().copy(data);
  data[32] = 0x01 | (verified ? 0x04 : 0) | (copies ? 0x18 : 0) | more;
  data.writeUInt32BE(counter, 33);
  return data;
}

const clientData = (type: string, challenge: string, { origin }: AuthenticatorOptions): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

/** COSE_Key of an ES256 key (RFC 9053 7.1.1): kty 2, alg -7, crv 1, x, y. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return cborMap([
    [Buffer.of(0x01), Buffer.of(0x02)],
    [Buffer.of(0x03), Buffer.of(0x26)],
    [Buffer.of(0x20), Buffer.of(0x01)],
    [Buffer.of(0x21), cborOctets(Buffer.from(x, 'base64url'))],
    [Buffer.of(0x22), cborOctets(Buffer.from(y, 'base64url'))],
  ]);
}

/** RFC 8949 3, as far as it is needed. */
function cborHead(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  return length < 256 ? Buffer.of((major << 5) | 24, length) : Buffer.of((major << 5) | 25, length >> 8, length & 255);
}
const cborText = (text: string): Buffer => Buffer.concat([cborHead(3, text.length), Buffer.from(text)]);
const cborOctets = (octets: Buffer): Buffer => Buffer.concat([cborHead(2, octets.length), octets]);
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
