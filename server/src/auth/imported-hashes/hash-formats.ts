import { type CryptKind, usualRounds } from './unix-crypt.js';

/**
 * The password hashes that a laboratory brings along, in the ways LDAP (RFC 2307, OpenLDAP's modules), Dovecot, /etc/shadow and
 * PHC strings write them. Reading is linear and refuses what would cost more than a login may: the numbers in a hash decide how
 * long checking it takes.
 */
export type ImportedHash =
  /** Digest of password and salt, nothing more. */
  | { readonly kind: 'digest'; readonly algorithm: string; readonly sum: Buffer; readonly salt: Buffer }
  | {
      readonly kind: 'crypt';
      readonly crypt: CryptKind;
      readonly salt: Buffer;
      readonly rounds: number;
      readonly text: string;
    }
  | { readonly kind: 'bcrypt'; readonly text: string }
  | {
      readonly kind: 'pbkdf2';
      readonly algorithm: 'sha1' | 'sha256' | 'sha512';
      readonly iterations: number;
      readonly salt: Buffer;
      readonly sum: Buffer;
    }
  | { readonly kind: 'argon2'; readonly text: string };

/** Undefined costs: seconds of a core a login, for whoever tries. Each is some 20 times what its tools choose by themselves. */
const maxCryptRounds = 500_000;
const maxBcryptCost = 14;
const maxPbkdf2Iterations = 2_000_000;
const maxHashCharacters = 1_024;

/** The hash, or one sentence for the administrator: what is wrong with it. */
export function readImportedHash(given: string): ImportedHash | { readonly kind: 'refused'; readonly why: string } {
  const text = given.trim();
  if (text.length > maxHashCharacters) return refused('a hash has at most 1,024 characters');
  if (text.startsWith('$')) return readModular(text);
  const end = text.startsWith('{') ? text.indexOf('}') : -1;
  if (end < 0) return refused('a hash begins with its scheme: {SSHA}, {CRYPT}, $6$, $2y$, $argon2id$ ...');
  const scheme = text.slice(1, end).toUpperCase();
  const rest = text.slice(end + 1);
  const digest = digests[scheme];
  if (digest !== undefined) return readDigest(rest, scheme, digest);
  if (modularSchemes.has(scheme)) return readModular(rest);
  const pbkdf2 = ldapPbkdf2[scheme];
  if (pbkdf2 !== undefined) {
    return rest.startsWith('$1$') ? readDovecotPbkdf2(rest) : readSimplePbkdf2(rest.split('$'), pbkdf2);
  }
  if (scheme === 'PLAIN' || scheme === 'CLEARTEXT')
    return refused('a password in clear belongs in the column "password"');
  return refused(`{${scheme.slice(0, 20)}} cannot be checked here; give the person a new password`);
}

const refused = (why: string) => ({ kind: 'refused', why }) as const;

interface DigestScheme {
  readonly algorithm: string;
  readonly octets: number;
  readonly salted: boolean;
}

const digests: Readonly<Record<string, DigestScheme>> = {
  MD5: { algorithm: 'md5', octets: 16, salted: false },
  SMD5: { algorithm: 'md5', octets: 16, salted: true },
  SHA: { algorithm: 'sha1', octets: 20, salted: false },
  SSHA: { algorithm: 'sha1', octets: 20, salted: true },
  SHA256: { algorithm: 'sha256', octets: 32, salted: false },
  SSHA256: { algorithm: 'sha256', octets: 32, salted: true },
  SHA512: { algorithm: 'sha512', octets: 64, salted: false },
  SSHA512: { algorithm: 'sha512', octets: 64, salted: true },
};

const modularSchemes = new Set([
  'CRYPT',
  'MD5-CRYPT',
  'SHA256-CRYPT',
  'SHA512-CRYPT',
  'BLF-CRYPT',
  'BCRYPT',
  'ARGON2',
  'ARGON2I',
  'ARGON2ID',
]);

const ldapPbkdf2: Readonly<Record<string, 'sha1' | 'sha256' | 'sha512'>> = {
  PBKDF2: 'sha1',
  'PBKDF2-SHA1': 'sha1',
  'PBKDF2-SHA256': 'sha256',
  'PBKDF2-SHA512': 'sha512',
};

function readDigest(
  text: string,
  scheme: string,
  { algorithm, octets, salted }: DigestScheme,
): ReturnType<typeof readImportedHash> {
  const bytes = base64(text);
  if (bytes === undefined || (salted ? bytes.length <= octets : bytes.length !== octets)) {
    return refused(`{${scheme}} holds ${octets} octets${salted ? ' and a salt' : ''} in base 64`);
  }
  return { kind: 'digest', algorithm, sum: bytes.subarray(0, octets), salt: bytes.subarray(octets) };
}

/** `$scheme$...`: crypt(3) and PHC strings. */
function readModular(text: string): ReturnType<typeof readImportedHash> {
  const fields = text.split('$');
  if (fields[0] !== '' || fields.length < 4) {
    return refused(
      'what stands there is no $id$salt$hash (the old DES crypt kept 8 characters only and is not taken over)',
    );
  }
  const id = fields[1] ?? '';
  if (id === '1' || id === '5' || id === '6') return readCrypt(id, fields.slice(2));
  if (/^2[abxy]?$/.test(id)) return readBcrypt(text);
  if (id === 'argon2id' || id === 'argon2i' || id === 'argon2d') return readArgon2(text, fields);
  if (id === 'pbkdf2') return readSimplePbkdf2(fields.slice(2), 'sha1');
  if (id === 'pbkdf2-sha256' || id === 'pbkdf2-sha512' || id === 'pbkdf2-sha1') {
    return readSimplePbkdf2(fields.slice(2), id.slice(7) as 'sha1' | 'sha256' | 'sha512');
  }
  return refused(`$${id.slice(0, 20)}$ cannot be checked here; give the person a new password`);
}

/** Of a hash of each kind: its characters, and the most a salt has. */
const cryptShape = { '1': [22, 8], '5': [43, 16], '6': [86, 16] } as const;

function readCrypt(crypt: CryptKind, fields: readonly string[]): ReturnType<typeof readImportedHash> {
  const named = crypt !== '1' && (fields[0] ?? '').startsWith('rounds=');
  const [salt, hash, more] = named ? fields.slice(1) : fields;
  const [characters, saltCharacters] = cryptShape[crypt];
  // Drepper: fewer than 1,000 rounds are 1,000.
  const rounds = named ? Math.max(1_000, wholeNumber((fields[0] ?? '').slice(7)) ?? Number.NaN) : usualRounds;
  if (Number.isNaN(rounds)) return refused(`$${crypt}$ names its rounds as rounds=5000`);
  if (rounds > maxCryptRounds)
    return refused(`${rounds} rounds take too long for a login; the most is ${maxCryptRounds}`);
  if (salt === undefined || hash === undefined || more !== undefined || !/^[./0-9A-Za-z]*$/.test(hash)) {
    return refused(`$${crypt}$ is followed by salt and hash`);
  }
  if (hash.length !== characters) return refused(`the hash of $${crypt}$ has ${characters} characters`);
  if (salt.length > saltCharacters) return refused(`the salt of $${crypt}$ has at most ${saltCharacters} characters`);
  return { kind: 'crypt', crypt, salt: Buffer.from(salt, 'latin1'), rounds, text: hash };
}

function readBcrypt(text: string): ReturnType<typeof readImportedHash> {
  const found = /^\$2[abxy]?\$(\d\d)\$[./0-9A-Za-z]{53}$/.exec(text);
  if (found === null) return refused('bcrypt is $2y$, two digits, $ and 53 characters');
  if (text.startsWith('$2x$')) return refused('$2x$ marks hashes of a broken program; give the person a new password');
  const cost = Number(found[1]);
  if (cost < 4 || cost > maxBcryptCost) return refused(`the cost of bcrypt is 4 to ${maxBcryptCost} here`);
  // What the letter stands for is a mended fault of one program; the hash is the same.
  return { kind: 'bcrypt', text: `$2b${text.slice(text.indexOf('$', 1))}` };
}

/** Argon2 PHC string: `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`. Memory in KiB. */
function readArgon2(text: string, fields: readonly string[]): ReturnType<typeof readImportedHash> {
  const found = /^m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})$/.exec(fields[3] ?? '');
  if (fields.length !== 6 || found === null) return refused('argon2 is $argon2id$v=19$m=...,t=...,p=...$salt$hash');
  if (Number(found[1]) > 262_144 || Number(found[1]) * Number(found[2]) > 1_048_576) {
    return refused(
      'this argon2 takes too much memory or time for a login; the most is m=262144, and m times t 1048576',
    );
  }
  return { kind: 'argon2', text };
}

/** OpenLDAP's pw-pbkdf2 and passlib: `iterations$salt$hash`; PHC: `i=...,l=...$salt$hash`. */
function readSimplePbkdf2(
  fields: readonly string[],
  algorithm: 'sha1' | 'sha256' | 'sha512',
): ReturnType<typeof readImportedHash> {
  const [count = '', saltText = '', sumText = '', more] = fields;
  const named = /^i=(\d{1,9})(?:,l=\d{1,4})?$/.exec(count);
  const iterations = wholeNumber(named?.[1] ?? count);
  const [salt, sum] = [base64(saltText), base64(sumText)];
  if (iterations === undefined || salt === undefined || sum === undefined || sum.length < 16 || more !== undefined) {
    return refused('PBKDF2 is iterations, salt and hash with $ between them');
  }
  return pbkdf2(algorithm, iterations, salt, sum);
}

/** Dovecot: `$1$salt$iterations$hash`, the salt as text, the hash in hexadecimal, over SHA-1. */
function readDovecotPbkdf2(text: string): ReturnType<typeof readImportedHash> {
  const found = /^\$1\$([^$]{1,64})\$(\d{1,9})\$((?:[0-9a-f]{2}){16,64})$/i.exec(text);
  if (found === null) return refused('{PBKDF2} of Dovecot is $1$salt$iterations$hash');
  const [, salt = '', iterations = '', hash = ''] = found;
  return pbkdf2('sha1', Number(iterations), Buffer.from(salt, 'latin1'), Buffer.from(hash, 'hex'));
}

function pbkdf2(
  algorithm: 'sha1' | 'sha256' | 'sha512',
  iterations: number,
  salt: Buffer,
  sum: Buffer,
): ReturnType<typeof readImportedHash> {
  if (iterations < 1 || iterations > maxPbkdf2Iterations) {
    return refused(`${iterations} iterations take too long for a login; the most is ${maxPbkdf2Iterations}`);
  }
  if (sum.length > 64) return refused('a hash of PBKDF2 has at most 64 octets');
  return { kind: 'pbkdf2', algorithm, iterations, salt, sum };
}

const wholeNumber = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** With or without padding, and passlib's `.` for `+`; undefined when it is not that. */
function base64(text: string): Buffer | undefined {
  const bare = text.replaceAll('.', '+').replace(/={1,2}$/, '');
  return /^[+/0-9A-Za-z]+$/.test(bare) && bare.length % 4 !== 1 ? Buffer.from(bare, 'base64') : undefined;
}
