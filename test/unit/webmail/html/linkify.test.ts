import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linkify } from '@vaguemestre/webmail/html/linkify';
import fc from 'fast-check';

function links(text: string): (readonly [string, string])[] {
  return linkify(text).flatMap(({ text, href }) => (href === undefined ? [] : [[text, href] as const]));
}

describe('addresses in plain text', () => {
  it('are found as people write them', () => {
    for (const [text, shown, href] of [
      ['see https://uni-x.example/a?b=c#d.', 'https://uni-x.example/a?b=c#d', 'https://uni-x.example/a?b=c#d'],
      ['(https://fr.example/wiki/Lyon_(ville))', 'https://fr.example/wiki/Lyon_(ville)', undefined],
      ['<http://a.example/>', 'http://a.example/', undefined],
      ['www.uni-x.example, or', 'www.uni-x.example', 'https://www.uni-x.example'],
      ['write to anna.weber@uni-x.example!', 'anna.weber@uni-x.example', 'mailto:anna.weber@uni-x.example'],
      ['mailto:paul@lab.example', 'mailto:paul@lab.example', 'mailto:paul@lab.example'],
      ['« https://é.example/ »', 'https://é.example/', undefined],
    ] as const) {
      assert.deepEqual(links(text), [[shown, href ?? shown]], text);
    }
  });

  it('are not seen where there are none', () => {
    for (const text of [
      'http://',
      'xhttp://a.example',
      'www.',
      '@',
      'a@b',
      '@here',
      'a@@b.example',
      'javascript:alert(1)',
      'data:text/html,x',
    ]) {
      assert.deepEqual(links(text), [], text);
    }
  });

  it('end before what could end an attribute', () => {
    assert.deepEqual(links('http://a"onmouseover="X()'), [['http://a', 'http://a']]);
  });

  it('leave the text as it was', () => {
    const piece = fc.constantFrom(
      'http://',
      'www.',
      '@',
      '.',
      'a',
      ')',
      '(',
      '<',
      '"',
      ' ',
      '\n',
      'mailto:',
      '\u202e',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        assert.equal(
          linkify(text)
            .map((segment) => segment.text)
            .join(''),
          text,
        );
      }),
    );
  });

  it('take no longer than the text is long', () => {
    const began = performance.now();
    for (const piece of ['http://', '@', 'a@', 'www.', '(', 'a.b@c ', 'http://a '] as const) {
      linkify(piece.repeat(1_000_000 / piece.length));
    }
    assert.ok(performance.now() - began < 3_000);
  });
});
