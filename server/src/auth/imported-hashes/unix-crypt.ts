import { createHash } from 'node:crypto';

/**
 * The crypt(3) hashes that /etc/shadow, LDAP and Dovecot hold: `$1$` (MD5, by Poul-Henning Kamp for FreeBSD) and `$5$`, `$6$`
 * (SHA-256 and SHA-512, by Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", 2008). For checking only: nothing new is
 * hashed with them. Synchronous, some 20 ms at the usual 5,000 rounds: run it beside the loop.
 */
export type CryptKind = '1' | '5' | '6';

export interface CryptHash {
  readonly kind: CryptKind;
  readonly salt: Buffer;
  readonly rounds: number;
  /** The hash as it is written, in crypt's own base 64. */
  readonly text: string;
}

/** What Drepper's text has for hashes that name no rounds; MD5 has always 1,000. */
export const usualRounds = 5_000;

/** The hash of the password with the salt and rounds of `like`, as crypt(3) writes it behind the last `$`. */
export function cryptText(password: Uint8Array, like: Pick<CryptHash, 'kind' | 'salt' | 'rounds'>): string {
  if (like.kind === '1') return md5Crypt(password, like.salt);
  return shaCrypt(password, like, like.kind === '5' ? 'sha256' : 'sha512');
}

const digest = (algorithm: string, ...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** `block` again and again, cut at `length` octets. */
function repeated(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, block);
}

function md5Crypt(password: Uint8Array, salt: Buffer): string {
  const inner = digest('md5', password, salt, password);
  const parts: Uint8Array[] = [password, Buffer.from('$1$'), salt, repeated(inner, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) {
    parts.push(bits & 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  }
  let sum = digest('md5', ...parts);
  for (let round = 0; round < 1_000; round++) sum = digest('md5', ...roundOf(round, sum, password, salt));
  return encode(sum, [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11]);
}

function shaCrypt(
  password: Uint8Array,
  { salt, rounds }: Pick<CryptHash, 'salt' | 'rounds'>,
  algorithm: 'sha256' | 'sha512',
): string {
  const inner = digest(algorithm, password, salt, password);
  const parts: Uint8Array[] = [password, salt, repeated(inner, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? inner : password);
  let sum = digest(algorithm, ...parts);
  const passwordSum = digest(algorithm, ...Array<Uint8Array>(password.length).fill(password));
  const p = repeated(passwordSum, password.length);
  const s = repeated(digest(algorithm, ...Array<Uint8Array>(16 + sum[0]!).fill(salt)), salt.length);
  for (let round = 0; round < rounds; round++) sum = digest(algorithm, ...roundOf(round, sum, p, s));
  return encode(sum, algorithm === 'sha256' ? sha256Order : sha512Order);
}

/** What one round hashes: the same pattern in all three. */
function roundOf(round: number, sum: Uint8Array, password: Uint8Array, salt: Uint8Array): Uint8Array[] {
  const parts = [round & 1 ? password : sum];
  if (round % 3 !== 0) parts.push(salt);
  if (round % 7 !== 0) parts.push(password);
  parts.push(round & 1 ? sum : password);
  return parts;
}

/** The octets in the order they are written, three a group, most significant first; each algorithm turns the three its own way. */
function groups(count: number, turn: 'left' | 'right'): number[] {
  const order: number[] = [];
  let [a, b, c] = [0, count, 2 * count];
  for (let i = 0; i < count; i++) {
    order.push(a, b, c);
    [a, b, c] = turn === 'left' ? [b + 1, c + 1, a + 1] : [c + 1, a + 1, b + 1];
  }
  return order;
}

const sha256Order = [...groups(10, 'right'), 31, 30];
const sha512Order = [...groups(21, 'left'), 63];

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Crypt's base 64: groups of three octets, least significant six bits first; what is left over makes a shorter group. */
function encode(sum: Buffer, order: readonly number[]): string {
  let text = '';
  for (let i = 0; i < order.length; i += 3) {
    const group = order.slice(i, i + 3);
    let value = 0;
    for (const index of group) value = (value << 8) | sum[index]!;
    for (let digit = 0; digit <= group.length; digit++) {
      text += alphabet[value & 63];
      value >>= 6;
    }
  }
  return text;
}
