import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EmailRow } from '@vaguemestre/webmail/jmap/store/email-row';
import { inOrder, toneOf } from '@vaguemestre/webmail/reading/banners';
import { openAtFirst, stacked } from '@vaguemestre/webmail/reading/conversation';
import { hasBothForms, type OpenMessage, shownParts } from '@vaguemestre/webmail/reading/open-message';

function row(id: string, ...keywords: string[]): EmailRow {
  const marks = Object.fromEntries(keywords.map((one) => [one, true as const]));
  return {
    id,
    threadId: 't',
    mailboxIds: { in: true },
    keywords: marks,
    from: null,
    to: null,
    subject: null,
    receivedAt: '',
    size: 1,
    hasAttachment: false,
    preview: '',
  };
}

describe('a conversation', () => {
  it('opens at what was not read and at its last message, but never at a draft', () => {
    const rows = [row('a', '$seen'), row('b'), row('c', '$seen'), row('d', '$draft')];
    assert.deepEqual([...openAtFirst(rows)].sort(), ['b', 'c']);
  });

  it('folds more than three folded cards into one, and keeps the first', () => {
    const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => row(id, '$seen'));
    const shape = (open: string) =>
      stacked(rows, (id) => id === open, true).map((card) => (card.kind === 'card' ? card.row.id : card.rows.length));
    assert.deepEqual(shape('f'), ['a', 4, 'f']);
    assert.deepEqual(shape('c'), ['a', 'b', 'c', 'd', 'e', 'f']);
    assert.equal(stacked(rows, () => false, false).length, 6);
  });
});

describe('the banners', () => {
  it('stand in the order of their gravity', () => {
    const notice = (kind: 'images' | 'phishing' | 'unverified') => ({ kind, fact: '', reason: '' });
    assert.deepEqual(
      inOrder([notice('images'), notice('unverified'), notice('phishing')]).map(({ kind }) => kind),
      ['phishing', 'unverified', 'images'],
    );
    assert.equal(toneOf('phishing'), 'danger');
    assert.equal(toneOf('images'), 'info');
  });
});

describe('the parts of a message', () => {
  const part = (partId: string | null, type: string) => ({
    partId,
    type,
    blobId: 'b',
    size: 1,
    name: null,
    charset: null,
    disposition: null,
    cid: null,
    language: null,
    location: null,
  });
  const message = {
    textBody: [part('1', 'text/plain')],
    htmlBody: [part('2', 'text/html'), part('3', 'image/png'), part('4', 'text/plain'), part('9', 'text/html')],
    bodyValues: { '1': { value: 'text' }, '2': { value: '<p>html', isTruncated: true }, '4': { value: 'more' } },
  } as unknown as OpenMessage;

  it('are shown in their order, each as what it is; one without a value is left out', () => {
    assert.deepEqual(
      shownParts(message, false).map((shown) => shown.kind),
      ['html', 'image', 'text'],
    );
    assert.deepEqual(
      shownParts(message, true).map((shown) => shown.kind),
      ['text'],
    );
    assert.ok(hasBothForms(message));
  });
});
