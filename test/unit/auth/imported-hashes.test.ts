import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { isRight } from '@vaguemestre/server/auth/imported-hashes/check-hash';
import { readImportedHash } from '@vaguemestre/server/auth/imported-hashes/hash-formats';
import { createImportedHashes } from '@vaguemestre/server/auth/imported-hashes/imported-hashes';
import fc from 'fast-check';

/** Made by doveadm pw 2.3.19, openssl passwd 3.0, crypt(3) of glibc 2.36, Python's hashlib. */
const french = 'Été à la montagne 1';
const hashes: readonly (readonly [string, string])[] = [
  [french, '{SSHA}SuX8TDL0L5E70pWJOB/26wTnvNJV0qxL'],
  [french, '{ssha256}QDWMY+J9UgU+d/N401Hff7PoJcklWbt84kaXH4NEoXTPdq8d'],
  [french, '{SSHA512}TTQ8saAlaMSC4OnWhMFREwqtATzTG+yVm6ks+D0OScp8ZLHmLyi/CkjRbOLTL8wQUkElZZrZhAzB13GQICOf5wO0ftc='],
  [french, '{SHA256}M0kYaRW1gA7uQyp/hjfe3+X486qMBDhS9H9gkO+hook='],
  [french, '{SMD5}AznvsMYrj8UlTBr0MsxKUU8JWzg='],
  [french, '{MD5-CRYPT}$1$kLIxuFO2$J.oIlihe7ekQvsmKTCVrq/'],
  [french, '{SHA256-CRYPT}$5$wdSWTTuHs9wcFtcu$HiJc2hrBOARl90rl4GqSaxkisiiBGQkXuNjdghkR2lA'],
  [
    french,
    '{SHA512-CRYPT}$6$o6wHZaoM6Ul5JT1k$cgKNQJvG6U/qaBHjUFV.SNHm48Bd5JtDo.SZkFH17wHa/qSpkcYBlT7nFLLCXSmOvoH9Pr7R9kyrWVKSOvybZ0',
  ],
  [french, '{BLF-CRYPT}$2y$05$v1sMhGgAgvhN6g2Vxr/VluwjgRnLn2XD60JFNOSSxX2sC1Xa02rTG'],
  [french, '{CRYPT}$2y$05$yV6JqnGtVfm9Bk.pSFwKP.qALH0z3Oa3XmWjtiXR3kJa6jnKw44.G'],
  [french, '{PBKDF2}$1$K2lV0fmjiMbRAJHi$5000$a8f21912f2bc96ddb6a2c03fe742efce9ba4d839'],
  ['Motdepasse1', '$1$abcdefgh$rpM4XVdNIwOaq6ddpH98Q1'],
  ['Motdepasse1', '{CRYPT}$5$abcdefgh$ncLOJBvg09bA1Rdl92e760Kos6SYs15z.UX86XJdVd9'],
  [
    'Motdepasse1',
    '$6$saltsalt12345678$2Qlv.YoyAQLF8xOOopEhe0pFwqNERRuMMVVBzSbMa8Uuczyes2D8J.IDMF0DBaa4Xq0.YCYfouYeQ8Gje6xXX.',
  ],
  [
    'Motdepasse1',
    '$6$rounds=10000$saltstring$pPzk9HRkM9OohHMvUauFXN6t38ONSumpiNkO9qmuETvvPMmZ2rPVAOqRX9sKc3vdBQyxmUSDkIZWbu8u3h4Rz.',
  ],
  ['', '$5$abc$bBHLwRRW2Li0XKaX13kz/g2fkDil4Jx46aNvd.48MS8'],
  [
    'a'.repeat(200),
    '$6$0123456789abcdef$RBjxx9VcHjdfmVLoRNP7x08zbAVFOXyFy3mlyE0sWhfPSO/dqE70ouCpiWlbXYaHeO2LT4lgRz1jtlKJM0gSv/',
  ],
  ['a'.repeat(200), '$1$01234567$1KVGRV5hdskB14O7VfLod1'],
  ['a'.repeat(200), '$5$rounds=1400$a$ybL9ugRIFogQuoyeQ.Hu/iVzFIb2h2QMsbNVRJCZ6y8'],
  ['x', '$1$$LP5.V3ajGqHDdXW6XwZQy.'],
  ['Motdepasse1', '{PBKDF2-SHA1}10000$c2FsdFNBTFRzYWx0//s$kMbX/Xrca63LkPP9TN6V1F/dqTE'],
  ['Motdepasse1', '{PBKDF2-SHA256}10000$c2FsdFNBTFRzYWx0//s$mn4CaiSGxDcrytIyIK09O.EUkJOsyH1yL6zncOsZF5c'],
  [
    'Motdepasse1',
    '{PBKDF2-SHA512}10000$c2FsdFNBTFRzYWx0//s$JMtyxWffNjyWkQdzSavS7e4GsacYpWuL0Y6w6byMy0Q8S9ei9blYuEYU1uN4sXJb8X.7Ax9Wvs6Ljrv5KyRM5g',
  ],
  ['Motdepasse1', '$pbkdf2-sha256$10000$c2FsdFNBTFRzYWx0//s$mn4CaiSGxDcrytIyIK09O.EUkJOsyH1yL6zncOsZF5c'],
  [
    'Motdepasse1',
    '$pbkdf2-sha512$i=25000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$wx7FqKvV/uwx/SylZRVGWUowcKSfj6iN3Y8b7bFWdbd1SFdJuQlvSsnAwJCB+g3l/1pkaSsvr04F1Tt3+ENs0w',
  ],
];

function checks(password: string, text: string): boolean {
  const hash = readImportedHash(text);
  assert.ok(hash.kind !== 'refused' && hash.kind !== 'argon2', `${text}: ${JSON.stringify(hash)}`);
  return isRight(hash, Buffer.from(password));
}

describe('hashes from other systems', () => {
  for (const [password, hash] of hashes) {
    test(`${hash.slice(0, 24)}... of ${password.length} characters`, () => {
      assert.ok(checks(password, hash));
      assert.ok(!checks(`${password}x`, hash));
      assert.ok(!checks(password.slice(1), hash) || password === '');
    });
  }

  test('an argon2 string is taken with or without the scheme of Dovecot', () => {
    const text = '$argon2id$v=19$m=65536,t=3,p=1$0m9eFnxhu9RoIwILIJJ27A$KCAN4lV5gU+lrFt8qQIynWM+ZPfrmevGyoPjje/Opz4';
    for (const one of [text, `{ARGON2ID}${text}`]) assert.deepEqual(readImportedHash(one), { kind: 'argon2', text });
  });

  test('what cannot be checked, or would hold a core for long, is refused with a reason', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['', /begins with its scheme/],
      ['secret', /begins with its scheme/],
      ['{PLAIN}secret', /column "password"/],
      ['{NTLM}32ED87BDB5FDC5E9CBA88547376818D4', /cannot be checked here/],
      ['{CRYPT}ab01FAX.bQRSU', /8 characters only/],
      ['{SSHA}AAAA', /20 octets and a salt/],
      ['{SHA}SuX8TDL0L5E70pWJOB/26wTnvNJV0qxL', /20 octets/],
      ['$6$rounds=999999999$salt$x', /take too long/],
      ['$6$rounds=$salt$x', /names its rounds/],
      ['$6$salt$short', /86 characters/],
      ['$1$toolongsalt$rpM4XVdNIwOaq6ddpH98Q1', /at most 8/],
      ['$2y$31$v1sMhGgAgvhN6g2Vxr/VluwjgRnLn2XD60JFNOSSxX2sC1Xa02rTG', /4 to 14/],
      ['$2x$05$v1sMhGgAgvhN6g2Vxr/VluwjgRnLn2XD60JFNOSSxX2sC1Xa02rTG', /broken program/],
      ['{PBKDF2-SHA256}99999999$c2FsdA$mn4CaiSGxDcrytIyIK09O.EUkJOsyH1yL6zncOsZF5c', /take too long/],
      ['{PBKDF2}$1$salt$0$a8f21912f2bc96ddb6a2c03fe742efce9ba4d839', /take too long/],
      ['$argon2id$v=19$m=4194304,t=3,p=1$c2FsdA$c2FsdA', /too much memory/],
      ['$7$CU..../....scrypt$hash', /cannot be checked here/],
      [`{SSHA}${'A'.repeat(2000)}`, /1,024 characters/],
    ];
    for (const [text, why] of cases) {
      const hash = readImportedHash(text);
      assert.equal(hash.kind, 'refused', text);
      assert.match(hash.kind === 'refused' ? hash.why : '', why, text);
    }
  });

  test('any salted digest of any password is checked rightly, any text is read or refused', () => {
    const octets = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(octets, octets, (password, salt) => {
        const sum = createHash('sha1').update(password).update(salt).digest();
        const hash = readImportedHash(`{SSHA}${Buffer.concat([sum, salt]).toString('base64')}`);
        assert.ok(hash.kind === 'digest' && isRight(hash, password));
      }),
    );
    const bits = fc.constantFrom(
      '{',
      '}',
      '$',
      'SSHA',
      'CRYPT',
      'PBKDF2',
      '1',
      '5',
      '6',
      '2y',
      'rounds=',
      'i=',
      '=',
      'A',
      '.',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), (parts) => {
        assert.ok(readImportedHash(parts.join('')).kind);
      }),
    );
  });

  test('are checked in a thread that can be asked many things at once', async () => {
    const imported = createImportedHashes();
    const answers = await Promise.all(
      hashes
        .slice(0, 12)
        .flatMap(([password, hash]) => [
          imported.verify(hash, Buffer.from(password)),
          imported.verify(hash, Buffer.from('something else')),
        ]),
    );
    assert.deepEqual(
      answers,
      Array.from({ length: 24 }, (_, i) => i % 2 === 0),
    );
  });
});
