/**
 * How what is kept in the browser is sealed (AES-GCM, WebCrypto). One key per vault seals the records. It is kept only wrapped:
 * under a half that the session brings along in a cookie and that goes with it. Unwrapped it cannot be exported by any script.
 *
 * Every record is bound to its name, so one cannot be put in another's place. What was changed, or sealed with another key,
 * does not open: the promise rejects.
 */

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

const aes = 'AES-GCM';
const newIv = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(12));

/** `text`: 32 octets in base64url. */
export async function importHalf(text: string): Promise<CryptoKey> {
  const octets = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
    letter.charCodeAt(0),
  );
  return crypto.subtle.importKey('raw', octets, aes, false, ['wrapKey', 'unwrapKey']);
}

/** A new key, as it is kept. */
export async function newWrappedKey(half: CryptoKey): Promise<Sealed> {
  return wrap(await crypto.subtle.generateKey({ name: aes, length: 256 }, true, ['encrypt', 'decrypt']), half);
}

export function unwrapKey(wrapped: Sealed, half: CryptoKey): Promise<CryptoKey> {
  return unwrap(wrapped, half, false);
}

/** The same key under another half. */
export async function rewrapKey(wrapped: Sealed, half: CryptoKey, next: CryptoKey): Promise<Sealed> {
  return wrap(await unwrap(wrapped, half, true), next);
}

export async function seal(key: CryptoKey, name: string, value: unknown): Promise<Sealed> {
  const iv = newIv();
  const plain = new TextEncoder().encode(JSON.stringify(value));
  const data = await crypto.subtle.encrypt({ name: aes, iv, additionalData: bound(name) }, key, plain);
  return { iv, data };
}

export async function unseal<T>(key: CryptoKey, name: string, { iv, data }: Sealed): Promise<T> {
  const plain = await crypto.subtle.decrypt({ name: aes, iv, additionalData: bound(name) }, key, data);
  return JSON.parse(new TextDecoder().decode(plain)) as T;
}

const bound = (name: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(name);

async function wrap(key: CryptoKey, half: CryptoKey): Promise<Sealed> {
  const iv = newIv();
  return { iv, data: await crypto.subtle.wrapKey('raw', key, half, { name: aes, iv }) };
}

function unwrap({ iv, data }: Sealed, half: CryptoKey, extractable: boolean): Promise<CryptoKey> {
  return crypto.subtle.unwrapKey('raw', data, half, { name: aes, iv }, aes, extractable, ['encrypt', 'decrypt']);
}
