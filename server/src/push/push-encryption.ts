/**
 * Message encryption for web push (RFC 8291, content coding aes128gcm of RFC 8188): who carries a push message cannot read it. One
 * record, as a push message is. Throws on a key that is no point of P-256.
 */
import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';

export interface EncryptionKeys {
  /** An uncompressed point, 65 octets. */
  readonly p256dh: Uint8Array;
  /** 16 octets. */
  readonly auth: Uint8Array;
}

/** New for each message; given by tests only. */
export interface MessageSecrets {
  readonly salt: Uint8Array;
  readonly privateKey: Uint8Array;
}

const curve = 'prime256v1';
const recordBytes = 4096;
const saltBytes = 16;

export function encryptPush(message: Uint8Array, keys: EncryptionKeys, secrets?: MessageSecrets): Buffer {
  const salt = secrets?.salt ?? randomBytes(saltBytes);
  const sender = createECDH(curve);
  if (secrets === undefined) sender.generateKeys();
  else sender.setPrivateKey(secrets.privateKey);
  const publicKey = sender.getPublicKey();
  // RFC 8291 3.4: the authentication secret goes into the key, so that who only intercepted the public key cannot write messages.
  const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), keys.p256dh, publicKey]);
  const ikm = Buffer.from(hkdfSync('sha256', sender.computeSecret(keys.p256dh), keys.auth, keyInfo, 32));
  const key = derived(ikm, salt, 'Content-Encoding: aes128gcm\0', 16);
  const nonce = derived(ikm, salt, 'Content-Encoding: nonce\0', 12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  // RFC 8188 2: 2 marks the last record.
  const sealed = [cipher.update(message), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()];
  const size = Buffer.alloc(4);
  size.writeUInt32BE(recordBytes);
  return Buffer.concat([salt, size, Buffer.of(publicKey.length), publicKey, ...sealed]);
}

function derived(ikm: Uint8Array, salt: Uint8Array, info: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', ikm, salt, info, bytes));
}

/** undefined: no such keys can be. */
export function readKeys({
  p256dh,
  auth,
}: {
  readonly p256dh: string;
  readonly auth: string;
}): EncryptionKeys | undefined {
  const keys = { p256dh: Buffer.from(p256dh, 'base64url'), auth: Buffer.from(auth, 'base64url') };
  if (keys.auth.length !== 16 || keys.p256dh.length !== 65) return undefined;
  try {
    encryptPush(Buffer.alloc(0), keys);
    return keys;
  } catch {
    return undefined;
  }
}
