import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LinkWarning, readLink } from '@vaguemestre/webmail/html/links';
import { decodePunycode, unicodeHost } from '@vaguemestre/webmail/html/unicode-host';

function warnings(href: string, text = ''): readonly LinkWarning[] {
  const link = readLink(href, text);
  assert.ok(link, href);
  return link.warnings;
}

describe('a link', () => {
  it('is one only if it leads to a page, an address or a telephone', () => {
    for (const href of [
      'javascript:X()',
      'JaVaScRiPt:X()',
      '\u0001javascript:X()',
      'java\nscript:X()',
      'data:text/html,<script>X()</script>',
      'vbscript:X()',
      'file:///etc/passwd',
      'blob:https://a.example/1',
      'view-source:https://a.example/',
      'intent://x',
      '//a.example/',
      '/api/logout',
      'x',
      '',
      `https://a.example/${'x'.repeat(9_000)}`,
    ]) {
      assert.equal(readLink(href, ''), undefined, JSON.stringify(href));
    }
    assert.equal(readLink('https://a.example/b', '')?.kind, 'web');
    assert.equal(readLink('mailto:anna@a.example', '')?.shown, 'anna@a.example');
    assert.equal(readLink('tel:+33-1-2', '')?.kind, 'phone');
  });

  it('says its host as one reads it', () => {
    assert.equal(readLink('https://xn--bcher-kva.example:8443/', '')?.shown, 'bücher.example:8443');
    assert.equal(readLink('https://xn--wgv71a119e.example/', '')?.shown, '日本語.example');
    assert.deepEqual(warnings('https://xn--bcher-kva.example/'), []);
  });

  it('is warned of when its text names another host', () => {
    assert.deepEqual(warnings('https://evil.example/', 'https://bank.example/login'), ['otherHost']);
    assert.deepEqual(warnings('https://evil.example/', 'www.bank.example'), ['otherHost']);
    assert.deepEqual(warnings('https://evil.example/', 'bank.com'), ['otherHost']);
    for (const [href, text] of [
      ['https://www.uni-x.example/a', 'uni-x.example'],
      ['https://click.uni-x.example/a', 'https://uni-x.example'],
      ['https://a.example/', 'report.pdf'],
      ['https://a.example/', 'node.js'],
      ['https://a.example/', 'Read more'],
      ['https://a.example/', 'See bank.com for more'],
      ['https://bücher.example/', 'https://bücher.example'],
    ] as const) {
      assert.deepEqual(warnings(href, text), [], text);
    }
  });

  it('is warned of when its host passes for another', () => {
    // Cyrillic letters only, drawn like Latin ones; then a mixture.
    assert.deepEqual(warnings('https://аррӏе.example/'), ['mixedScripts']);
    assert.deepEqual(warnings('https://pаypal.example/'), ['mixedScripts']);
    assert.match(readLink('https://pаypal.example/', '')?.shown ?? '', /^xn--/);
    assert.deepEqual(warnings('https://пример.example/'), []);
    assert.deepEqual(warnings('https://bank.example@evil.example/'), ['credentials']);
    assert.deepEqual(warnings('https://192.0.2.7/'), ['address']);
    assert.deepEqual(warnings('https://3221225991/'), ['address']);
    assert.deepEqual(warnings('https://evil.example/', 'gro.\u202eknab'), ['bidi']);
  });
});

describe('punycode', () => {
  it('gives the samples of RFC 3492 7.1', () => {
    for (const [encoded, decoded] of [
      ['egbpdaj6bu4bxfgehfvwxn', 'ليهمابتكلموشعربي؟'],
      ['ihqwcrb4cv8a8dqg056pqjye', '他们为什么不说中文'],
      ['Proprostnemluvesky-uyb24dma41a', 'Pročprostěnemluvíčesky'],
      ['2-u9tlzr9756bt3uc0v', 'ひとつ屋根の下2'],
      ['-> $1.00 <--', '-> $1.00 <-'],
    ] as const) {
      assert.equal(decodePunycode(encoded), decoded);
    }
  });

  it('is suspect when it is broken, and never throws', () => {
    for (const label of ['99999999', 'a-é', '!!!', 'zzzzzzzzzzzzzzzz', '']) {
      unicodeHost(`xn--${label}.example`);
      decodePunycode(label);
    }
    assert.equal(unicodeHost('xn--99999999.example').suspect, true);
  });
});
