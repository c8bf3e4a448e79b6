import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeFolderName, encodeFolderName, encodeFsFolder } from '@vaguemestre/server/admin/mail-files/folder-name';
import {
  flagsOfLetters,
  formatKeywordsFile,
  lettersOfFlags,
  parseKeywordsFile,
  splitMaildirName,
} from '@vaguemestre/server/admin/mail-files/maildir-flags';
import fc from 'fast-check';

describe('names of folders', () => {
  test('French names in modified UTF-7 and in UTF-8', () => {
    assert.equal(decodeFolderName('Envoy&AOk-s'), 'Envoyés');
    assert.equal(decodeFolderName('Envoyés'), 'Envoyés');
    assert.equal(decodeFolderName('Envoye\u0301s'), 'Envoyés');
    assert.equal(encodeFolderName('Envoyés', './'), 'Envoy&AOk-s');
    assert.equal(decodeFolderName('R&D'), 'R&D');
    assert.equal(encodeFolderName('R&D', './'), 'R&-D');
    assert.equal(decodeFolderName('a&2D0-b'), 'a&2D0-b', 'half a surrogate pair is no text');
  });

  test('what means something to the layout is hidden in base64', () => {
    assert.equal(encodeFolderName('v1.2', '.'), 'v1&AC4-2');
    assert.equal(decodeFolderName('v1&AC4-2'), 'v1.2');
    for (const level of ['cur', 'new', 'tmp', '.hidden', 'dovecot-uidlist', '..', '.']) {
      const encoded = encodeFsFolder(level);
      assert.ok(!['cur', 'new', 'tmp'].includes(encoded) && !encoded.startsWith('.'), encoded);
      assert.equal(decodeFolderName(encoded), level);
    }
  });

  test('every name comes back and is safe on disk', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (text) => {
        const level = text.normalize('NFC');
        for (const encoded of [encodeFolderName(level, './\\:'), encodeFsFolder(level)]) {
          assert.match(encoded, /^[\x20-\x7e]+$/);
          assert.ok(!encoded.includes('/'));
          assert.equal(decodeFolderName(encoded), level);
        }
        assert.ok(!encodeFolderName(level, './\\:').includes('.'));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('flags in names', () => {
  test('standard letters, keywords, other separators', () => {
    assert.deepEqual(splitMaildirName('1.a.host:2,FSa'), { unique: '1.a.host', letters: 'FSa' });
    assert.deepEqual(splitMaildirName('1.a.host;2,S'), { unique: '1.a.host', letters: 'S' });
    assert.deepEqual(splitMaildirName('1.a.host'), { unique: '1.a.host', letters: '' });
    assert.deepEqual(flagsOfLetters('DFPRSTab', ['projet']), [
      '\\Draft',
      '\\Flagged',
      '$Forwarded',
      '\\Answered',
      '\\Seen',
      '\\Deleted',
      'projet',
    ]);
  });

  test('letters in order; the twenty-seventh keyword is reported', () => {
    const keywords: string[] = [];
    assert.deepEqual(lettersOfFlags(['urgent', '\\Seen', '$forwarded', '\\Flagged'], keywords), {
      letters: 'FPSa',
      lost: [],
    });
    for (let i = 0; i < 25; i++) lettersOfFlags([`k${i}`], keywords);
    assert.deepEqual(lettersOfFlags(['one-more', 'URGENT'], keywords), { letters: 'a', lost: ['one-more'] });
    assert.deepEqual(parseKeywordsFile(formatKeywordsFile(keywords)), keywords);
    assert.deepEqual(parseKeywordsFile('x\n0 a\n1 b\n99 c\n'), ['a', 'b']);
  });
});
