/** Moments at which a message could leave later, and what stands in a draft before a word is typed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldValue, moments } from '@vaguemestre/webmail/compose/moments';
import { forwardText, replyText, signatureText } from '@vaguemestre/webmail/compose/starting-text';

const names = (now: Date) => moments(now).map(({ name, at }) => `${name} ${fieldValue(at)}`);

describe('moments for later', () => {
  it('are this evening, tomorrow and Monday', () => {
    assert.deepEqual(names(new Date(2026, 10, 24, 10)), [
      'laterToday 2026-11-24T18:00',
      'tomorrow 2026-11-25T08:00',
      'monday 2026-11-30T08:00',
    ]);
  });
  it('leave out what is past, and Monday when it is tomorrow', () => {
    assert.deepEqual(names(new Date(2026, 10, 29, 17, 45)), ['tomorrow 2026-11-30T08:00']);
    assert.deepEqual(names(new Date(2026, 10, 30, 20)), ['tomorrow 2026-12-01T08:00', 'monday 2026-12-07T08:00']);
  });
  it('are at their hour across the change of summer time', () => {
    for (const { at } of moments(new Date(2026, 9, 24, 20))) assert.equal(at.getHours(), 8);
  });
});

describe('the text of a new draft', () => {
  it('has room, then the signature, then what is quoted', () => {
    assert.equal(replyText('a', 'Anna wrote:', 'Claire\nB 214'), '\n\n-- \nClaire\nB 214\n\nAnna wrote:\n> a\n');
    assert.equal(replyText('a', 'Anna wrote:', ' '), '\n\n\nAnna wrote:\n> a\n');
    assert.equal(signatureText(''), '');
  });
  it('passes on what came, unquoted', () => {
    assert.equal(forwardText('a\nb', ['-- F --', 'From: x'], ''), '\n\n\n-- F --\nFrom: x\n\na\nb');
  });
});
