/** What is read out of the text that somebody writes: quotes, words about files, addresses that look like others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lookAlike, oneSlip } from '@vaguemestre/shared/look-alike';
import { speaksOfAttachment } from '@vaguemestre/webmail/compose/attachment-words';
import { emptyDraft } from '@vaguemestre/webmail/compose/draft';
import { ownText, quoteText } from '@vaguemestre/webmail/compose/quote-text';
import { isHeldName, sendWarnings } from '@vaguemestre/webmail/compose/send-warnings';

describe('quoting in plain text', () => {
  it('adds one level, and leaves the signature out', () => {
    const quoted = quoteText({ attribution: 'Anna wrote:', text: 'a\r\n\r\n> b\r\n>> c\r\n\r\n-- \r\nAnna\r\nRoom 3' });
    assert.equal(quoted, 'Anna wrote:\n> a\n>\n>> b\n>>> c\n');
  });

  it('tells what the writer wrote himself', () => {
    assert.equal(ownText('mine\n> yours\nmine too', undefined), 'mine\nmine too');
    assert.equal(ownText('mine\nAnna wrote:\nattached', 'Anna wrote:'), 'mine\n');
  });
});

describe('words about a file', () => {
  for (const text of [
    'Vous trouverez ci-joint le rapport.',
    'Le tableau est en pièce jointe',
    'VOIR PIÈCES JOINTES',
    'Je joins les images.',
    'Please see the attached file',
    'I attach the slides',
    'le plan en PJ',
  ]) {
    it(`are in ${JSON.stringify(text)}`, () => assert.equal(speaksOfAttachment(text), true));
  }
  for (const text of [
    'Nous nous joignons à vous',
    'le joint du cryostat fuit',
    'attache de câble',
    'detached house',
    '',
  ]) {
    it(`are not in ${JSON.stringify(text)}`, () => assert.equal(speaksOfAttachment(text), false));
  }
});

describe('addresses that look like others', () => {
  const ines = { name: 'Inès Delorme', email: 'ines.delorme@uni-x.example' };
  it('are found by letters that look alike, and by one slip', () => {
    assert.equal(lookAlike('ines.delorme@unl-x.example', [ines], ['labo.example']), ines);
    assert.equal(lookAlike('ines.delorrne@uni-xx.example', [ines], ['labo.example']), ines);
    assert.deepEqual(lookAlike('x@lab0.example', [], ['labo.example']), { name: null, email: 'labo.example' });
    assert.deepEqual(lookAlike('x@laob.example', [], ['labo.example']), { name: null, email: 'labo.example' });
  });
  it('are not those one knows, nor strangers', () => {
    assert.equal(lookAlike('INES.delorme@uni-x.example', [ines], ['labo.example']), undefined);
    assert.equal(lookAlike('paul@labo.example', [ines], ['labo.example']), undefined);
    assert.equal(lookAlike('ines.delorme@elsewhere.example', [ines], ['labo.example']), undefined);
    assert.equal(lookAlike('no address', [ines], ['labo.example']), undefined);
  });
  it('are one slip away', () => {
    for (const [a, b] of [
      ['abcdef', 'abdef'],
      ['abcdef', 'abxdef'],
      ['abcdef', 'abdcef'],
      ['abcdef', 'abccdef'],
    ] as const) {
      assert.equal(oneSlip(a, b), true, `${a} ${b}`);
    }
    for (const [a, b] of [
      ['abcdef', 'abcdef'],
      ['abcdef', 'badcef'],
      ['abc', 'abd'],
      ['abcdef', 'abcdefgh'],
    ] as const) {
      assert.equal(oneSlip(a, b), false, `${a} ${b}`);
    }
  });
});

describe('what is said before sending', () => {
  const rules = { maxMessageOctets: 1000, known: [], domain: 'labo.example' };
  const draft = {
    ...emptyDraft('k', 'plain'),
    to: [{ name: null, email: 'a@labo.example' }],
    subject: 's',
    text: 'bonjour',
  };
  const kinds = (more: Partial<typeof draft>) => sendWarnings({ ...draft, ...more }, rules).map(({ kind }) => kind);
  const file = { key: '1', name: 'a.pdf', type: 'application/pdf', size: 10, blobId: 'b', cid: undefined };

  it('is nothing when all is well', () => assert.deepEqual(kinds({}), []));
  it('is what is missing', () => {
    assert.deepEqual(kinds({ to: [], subject: ' ' }), ['noRecipient', 'noSubject']);
    assert.deepEqual(kinds({ text: 'le plan est ci-joint' }), ['forgottenAttachment']);
    assert.deepEqual(kinds({ text: 'le plan est ci-joint', files: [file] }), []);
    assert.deepEqual(kinds({ text: 'oui\n> voir ci-joint' }), []);
  });
  it('is what is too much', () => {
    assert.deepEqual(kinds({ files: [{ ...file, size: 900 }] }), ['tooLarge']);
    assert.deepEqual(
      kinds({ to: Array.from({ length: 21 }, (_, i) => ({ name: null, email: `p${i}@labo.example` })) }),
      ['manyRecipients'],
    );
  });
  it('is what will be held or is no address', () => {
    assert.deepEqual(kinds({ files: [{ ...file, name: 'tableau.XLSM ' }] }), ['heldFile']);
    assert.deepEqual(kinds({ to: [{ name: null, email: 'paul' }] }), ['invalidRecipient']);
    assert.deepEqual(kinds({ files: [{ ...file, blobId: undefined as unknown as string }] }), ['uploading']);
    assert.equal(isHeldName('notes.pdf'), false);
  });
});
