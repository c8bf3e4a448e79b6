/** To whom an answer goes, what it is called, and how it stays in its conversation. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerHeaders } from '@vaguemestre/webmail/compose/answer-headers';
import { bareSubject, forwardSubject, replySubject } from '@vaguemestre/webmail/compose/answer-subject';
import { listAddress, replyAddresses } from '@vaguemestre/webmail/compose/reply-addresses';

const person = (email: string, name: string | null = null) => ({ name, email });
const anna = person('anna@uni-x.example', 'Anna');
const hugo = person('hugo@labo.example');
const claire = person('Claire@labo.example');
const mine = ['claire@labo.example'];
const nobody = { from: null, replyTo: null, to: null, cc: null, followUpTo: null, list: undefined };

describe('to whom an answer goes', () => {
  it('goes to the author, or where he asks for it', () => {
    assert.deepEqual(replyAddresses({ ...nobody, from: [anna] }, mine, 'author'), { to: [anna], cc: [] });
    assert.deepEqual(replyAddresses({ ...nobody, from: [anna], replyTo: [hugo] }, mine, 'author'), {
      to: [hugo],
      cc: [],
    });
  });

  it('goes to all but the writer, nobody twice', () => {
    const message = {
      ...nobody,
      from: [anna],
      replyTo: null,
      to: [claire, hugo, person('ANNA@uni-x.example')],
      cc: [hugo, person('p@x.example')],
    };
    assert.deepEqual(replyAddresses(message, mine, 'all'), { to: [anna, hugo], cc: [person('p@x.example')] });
  });

  it('of an own message goes to those it was written to', () => {
    const message = { ...nobody, from: [claire], to: [anna], cc: [hugo] };
    assert.deepEqual(replyAddresses(message, mine, 'author'), { to: [anna], cc: [] });
    assert.deepEqual(replyAddresses(message, mine, 'all'), { to: [anna], cc: [hugo] });
  });

  it('of a note to oneself goes to oneself', () => {
    assert.deepEqual(replyAddresses({ ...nobody, from: [claire], to: [claire] }, mine, 'all'), {
      to: [claire],
      cc: [],
    });
  });
});

describe('to whom an answer to a list goes', () => {
  const list = 'physique@labo.example';
  const posted = { ...nobody, from: [anna], to: [person(list)], list };

  it('goes to the author, to all, or to the list, as it is asked for', () => {
    assert.deepEqual(replyAddresses(posted, mine, 'author'), { to: [anna], cc: [] });
    assert.deepEqual(replyAddresses(posted, mine, 'all'), { to: [anna, person(list)], cc: [] });
    assert.deepEqual(replyAddresses(posted, mine, 'list'), { to: [person(list)], cc: [] });
  });

  it('goes where the author asks that answers to all go', () => {
    const asking = { ...posted, followUpTo: [person(list), claire] };
    assert.deepEqual(replyAddresses(asking, mine, 'all'), { to: [person(list)], cc: [] });
    assert.deepEqual(replyAddresses(asking, mine, 'author'), { to: [anna], cc: [] });
    const toMe = { ...posted, followUpTo: [claire] };
    assert.deepEqual(replyAddresses(toMe, mine, 'all').to, [anna, person(list)]);
  });

  it('knows the address of a list from its field (RFC 2369 3.4)', () => {
    assert.equal(listAddress(['mailto:physique@labo.example?subject=x']), list);
    assert.equal(listAddress(['https://labo.example', 'mailto:physique%40labo.example']), list);
    for (const none of [null, [], ['NO'], ['mailto:%ff'], ['mailto:nobody']])
      assert.equal(listAddress(none), undefined);
  });
});

describe('the subject of an answer', () => {
  for (const [subject, bare] of [
    ['Temps de faisceau', 'Temps de faisceau'],
    ['Re: RE : Réf: Temps', 'Temps'],
    ['TR: Fwd: Re[2]: AW: x', 'x'],
    ['Re:', ''],
    ['Research: plan', 'Research: plan'],
    ['Report : 2', 'Report : 2'],
    ['re (3) : noté', 'noté'],
  ] as const) {
    it(`of ${JSON.stringify(subject)}`, () => {
      assert.equal(bareSubject(subject), bare);
      assert.equal(replySubject(subject), `Re: ${bare}`.trimEnd());
      assert.equal(forwardSubject(subject), `Fwd: ${bare}`.trimEnd());
    });
  }

  it('does not take long over a subject of marks', () => {
    const started = performance.now();
    bareSubject(`${'Re: '.repeat(100_000)}x`);
    bareSubject(`${' '.repeat(1_000_000)}Re: x`);
    assert.ok(performance.now() - started < 200);
  });
});

describe('the conversation of an answer', () => {
  it('is what the message had, and the message (RFC 5322 3.6.4)', () => {
    const headers = answerHeaders({ messageId: ['c@x'], inReplyTo: ['b@x'], references: ['a@x', 'b@x'] });
    assert.deepEqual(headers, { inReplyTo: ['c@x'], references: ['a@x', 'b@x', 'c@x'] });
    assert.deepEqual(answerHeaders({ messageId: ['c@x'], inReplyTo: ['b@x'], references: null }).references, [
      'b@x',
      'c@x',
    ]);
    assert.deepEqual(answerHeaders({ messageId: ['c@x'], inReplyTo: ['b@x', 'd@x'], references: null }).references, [
      'c@x',
    ]);
    assert.deepEqual(answerHeaders({ messageId: null, inReplyTo: null, references: null }), {
      inReplyTo: [],
      references: [],
    });
  });

  it('keeps the first and the newest of many', () => {
    const references = Array.from({ length: 500 }, (_, i) => `${i}@x`);
    const headers = answerHeaders({ messageId: ['new@x'], inReplyTo: null, references });
    assert.equal(headers.references.length, 50);
    assert.equal(headers.references[0], '0@x');
    assert.equal(headers.references.at(-1), 'new@x');
    assert.equal(headers.references.at(-2), '499@x');
  });
});
