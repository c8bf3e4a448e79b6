/**
 * The keys that SCRAM-SHA-256 keeps of an app password (RFC 5802 3, RFC 7677): who reads them can neither log in with them nor,
 * the password being 98 random bits, guess it. They are made with the password and cannot be made afterwards.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { ScramKey, ScramSecret } from '../database/credentials.js';

/** RFC 7677 4: at least 4096. More protects passwords that can be guessed, and these cannot. */
export const scramIterations = 4096;
const saltOctets = 16;

const derive = promisify(pbkdf2);
const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (octets: Uint8Array): Buffer => createHash('sha256').update(octets).digest();

/**
 * The salt of a person, or of a name that nobody has: the client has to be told one before it has proved anything, and one that
 * changed or failed to come would tell who is here. `key` is the service's own.
 */
export const scramSalt = (key: Uint8Array, subject: string): Buffer =>
  hmac(key, `salt ${subject}`).subarray(0, saltOctets);

/** `spellings`: the same password as people may have copied it. */
export async function scramSecretOf(spellings: readonly string[], salt: Buffer): Promise<ScramSecret> {
  const keys = await Promise.all(
    spellings.map(async (password): Promise<ScramKey> => {
      const salted = await derive(password, salt, scramIterations, 32, 'sha256');
      return {
        stored: sha256(hmac(salted, 'Client Key')).toString('base64url'),
        server: hmac(salted, 'Server Key').toString('base64url'),
      };
    }),
  );
  return { salt: salt.toString('base64url'), iterations: scramIterations, keys };
}

/** Does what checking a key costs and fits nothing. */
const nobody: ScramKey = { stored: randomBytes(32).toString('base64url'), server: '' };

/**
 * Which of the keys the proof was made with. Takes as long whichever it is, or none: `most` are tried always.
 */
export function provenKey<K extends ScramKey>(
  keys: readonly K[],
  most: number,
  message: string,
  proof: Uint8Array,
): K | undefined {
  let proven: K | undefined;
  for (let i = 0; i < Math.max(most, keys.length); i++) {
    const key = keys[i];
    if (proves(key ?? nobody, message, proof) && key !== undefined) proven = key;
  }
  return proven;
}

/** RFC 5802 3: the proof is ClientKey XOR HMAC(StoredKey, AuthMessage). */
function proves({ stored }: ScramKey, message: string, proof: Uint8Array): boolean {
  const storedKey = Buffer.from(stored, 'base64url');
  const clientKey = hmac(storedKey, message);
  if (proof.length !== clientKey.length) return false;
  for (let i = 0; i < clientKey.length; i++) clientKey[i]! ^= proof[i]!;
  return timingSafeEqual(sha256(clientKey), storedKey);
}

export const serverSignature = ({ server }: ScramKey, message: string): Buffer =>
  hmac(Buffer.from(server, 'base64url'), message);
