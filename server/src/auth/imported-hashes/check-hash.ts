import { createHash, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import type { ImportedHash } from './hash-formats.js';
import { cryptText } from './unix-crypt.js';

/** Whether the password is the one behind the hash. Takes up to seconds: for a thread of its own. */
export function isRight(hash: Exclude<ImportedHash, { kind: 'argon2' }>, password: Uint8Array): boolean {
  switch (hash.kind) {
    case 'digest':
      return same(createHash(hash.algorithm).update(password).update(hash.salt).digest(), hash.sum);
    case 'crypt': {
      const { crypt: kind, salt, rounds, text } = hash;
      return same(Buffer.from(cryptText(password, { kind, salt, rounds })), Buffer.from(text));
    }
    case 'bcrypt':
      return compareSync(Buffer.from(password).toString('utf8'), hash.text);
    case 'pbkdf2': {
      const { salt, iterations, sum, algorithm } = hash;
      return same(pbkdf2Sync(password, salt, iterations, sum.length, algorithm), sum);
    }
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
