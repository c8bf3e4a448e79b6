import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { senderVerdict } from '@vaguemestre/webmail/reading/authentication-results';
import { recipientsOf } from '@vaguemestre/webmail/reading/mailto';
import { headerText, personOf } from '@vaguemestre/webmail/reading/person';

describe('a person in a header field', () => {
  it('is shown by name, else by address', () => {
    assert.equal(personOf({ name: 'Anna Weber', email: 'anna@uni-x.example' }).name, 'Anna Weber');
    assert.equal(personOf({ name: '"Anna"', email: 'anna@uni-x.example' }).name, 'Anna');
    assert.equal(personOf({ name: null, email: 'anna@uni-x.example' }).name, 'anna@uni-x.example');
    assert.equal(personOf({ name: ' \u202e\u200b ', email: 'anna@uni-x.example' }).name, 'anna@uni-x.example');
  });

  it('is told when the name pretends to be another address', () => {
    assert.equal(personOf({ name: '\u202e"boss@lab.example"', email: 'x@t.test' }).claims, 'boss@lab.example');
    assert.equal(personOf({ name: 'Boss <boss@lab.example>', email: 'x@t.test' }).claims, 'boss@lab.example');
    assert.equal(personOf({ name: 'X@T.test', email: 'x@t.test' }).claims, undefined);
    assert.equal(personOf({ name: 'Anna @ Uni X', email: 'anna@uni-x.example' }).claims, undefined);
  });

  it('cannot fill the page, nor hold it up', () => {
    assert.ok(personOf({ name: 'a'.repeat(1_000_000), email: 'x@t.test' }).name.length <= 121);
    const began = performance.now();
    personOf({ name: '@'.repeat(1_000_000), email: 'a'.repeat(1_000_000) });
    assert.ok(performance.now() - began < 200);
  });

  it('leaves markup as text', () => {
    assert.equal(headerText('<img src=x onerror=X()>'), '<img src=x onerror=X()>');
  });
});

describe('what the relay found out', () => {
  const field = (text: string): readonly string[] => [` relay.labo.example; ${text}`];

  it('counts only when the relay wrote it', () => {
    assert.equal(senderVerdict(field('dmarc=pass header.from=uni-x.example'), undefined).state, 'unknown');
    assert.equal(senderVerdict(field('dmarc=pass header.from=uni-x.example'), 'other.example').state, 'unknown');
    assert.deepEqual(
      senderVerdict(field('spf=pass; dmarc=pass (p=none) header.from=Uni-X.example'), 'RELAY.labo.example'),
      {
        state: 'verified',
        domain: 'uni-x.example',
      },
    );
    assert.equal(senderVerdict(field('dmarc=fail header.from=uni-x.example'), 'relay.labo.example').state, 'forged');
    assert.equal(senderVerdict(field('spf=pass; dkim=pass'), 'relay.labo.example').state, 'unknown');
  });

  it('is not taken from a comment, and the first of its fields counts', () => {
    assert.equal(
      senderVerdict(field('spf=fail (; dmarc=pass header.from=a.example)'), 'relay.labo.example').state,
      'unknown',
    );
    assert.equal(
      senderVerdict(
        [...field('dmarc=fail header.from=a.example'), ...field('dmarc=pass header.from=a.example')],
        'relay.labo.example',
      ).state,
      'forged',
    );
  });

  it('is read in no time, however it is written', () => {
    const began = performance.now();
    senderVerdict(
      Array.from({ length: 100 }, () => `relay.labo.example; ${'('.repeat(100_000)}`),
      'relay.labo.example',
    );
    assert.ok(performance.now() - began < 500);
  });
});

describe('a mailto link', () => {
  it('names people, and nothing else is taken from it', () => {
    assert.deepEqual(
      recipientsOf('mailto:anna%40uni-x.example,paul@lab.example?bcc=spy@t.test&body=x&attach=/etc/passwd'),
      [
        { name: null, email: 'anna@uni-x.example' },
        { name: null, email: 'paul@lab.example' },
      ],
    );
    assert.deepEqual(recipientsOf('mailto:%'), []);
  });
});
