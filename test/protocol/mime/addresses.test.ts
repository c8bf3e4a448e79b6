import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddresses } from '@vaguemestre/server/codec/mime/addresses';
import fc from 'fast-check';

/** `name <route:local@domain>`, groups as `[name` and `]`: short enough to read a table of cases. */
function show(value: string, limit = 1_000): string[] {
  return parseAddresses(value, limit).map((item) => {
    if (item.kind === 'groupStart') return `[${item.name}`;
    if (item.kind === 'groupEnd') return ']';
    const route = item.route === undefined ? '' : `${item.route}:`;
    return `${item.name === undefined ? '' : `${item.name} `}<${route}${item.local}@${item.domain}>`;
  });
}

const cases: readonly (readonly [string, readonly string[], string])[] = [
  ['a@b.org', ['<a@b.org>'], 'addr-spec'],
  ['A B <a@b.org>', ['A B <a@b.org>'], 'phrase'],
  ['"B, A" <a@b.org>, c@d', ['B, A <a@b.org>', '<c@d>'], 'a comma in quotes'],
  ['"a \\"q\\" b" <a@b>', ['a "q" b <a@b>'], 'quoted pairs'],
  ['"Joe Q." Public <x@y>', ['Joe Q. Public <x@y>'], 'quoted and plain words'],
  ['J. R. R. Tolkien <x@y>', ['J. R. R. Tolkien <x@y>'], 'dots in a phrase (obs-phrase)'],
  ['a@b (Ann B)', ['Ann B <a@b>'], 'the name as a comment'],
  ['a@b (Ann (née C))', ['Ann (née C) <a@b>'], 'nested comments'],
  ['(x) A (y) <(z)a(u)@(v)b.org(w)> (t)', ['A <a@b.org>'], 'comments everywhere'],
  ['a . b @ c . org', ['<a.b@c.org>'], 'blanks around dots (obs-local-part, obs-domain)'],
  ['<@a,@b:c@d>', ['<@a,@b:c@d>'], 'a source route'],
  ['"a b"@c', ['<a b@c>'], 'a quoted local part'],
  ['<"a@b"@c>', ['<a@b@c>'], 'an at sign in quotes'],
  ['a@[127.0.0.1]', ['<a@[127.0.0.1]>'], 'a domain literal'],
  ['G: a@b, C <c@d>; e@f', ['[G', '<a@b>', 'C <c@d>', ']', '<e@f>'], 'a group'],
  ['undisclosed-recipients:;', ['[undisclosed-recipients', ']'], 'an empty group'],
  ['"G, x": a@b', ['[G, x', '<a@b>', ']'], 'a group that never ends'],
  [',, a@b ,,c@d,', ['<a@b>', '<c@d>'], 'empty elements (obs-addr-list)'],
  ['<>', ['<@>'], 'the null path'],
  ['', [], 'nothing'],
  [' (only a comment) ', [], 'a comment alone'],
  ['root', ['<root@>'], 'a local part alone: the host is not NIL'],
  ['Mail Delivery Subsystem', ['Mail Delivery Subsystem <@>'], 'a name alone'],
  ['John Doe john@x.org', ['John Doe <john@x.org>'], 'brackets missing'],
  ['<a@b, c@d', ['<a@b>', '<c@d>'], 'a bracket that never closes'],
  ['<Undisclosed Recipients@x>', ['<Undisclosed Recipients@x>'], 'blanks inside brackets'],
  ['A <a@b> <c@d>', ['A <a@b>', '<c@d>'], 'two addresses without a comma'],
  ['a@b@c.org', ['<a@b@c.org>'], 'the last at sign counts'],
  ['=?utf-8?Q?Ren=C3=A9?= <r@x>', ['=?utf-8?Q?Ren=C3=A9?= <r@x>'], 'encoded words stay'],
  ['J\xe9r\xf4me <j@x>', ['J\xe9r\xf4me <j@x>'], '8-bit octets stay'],
  ['"never closed <a@b>', ['<never closed <a@b>@>'], 'a quote that never closes'],
  ['a@b (never closed', ['never closed <a@b>'], 'a comment that never closes'],
  ['"" <a@b>', ['<a@b>'], 'an empty name is none'],
];

for (const [value, expected, what] of cases) {
  test(`addresses: ${what}`, () => assert.deepEqual(show(value), expected));
}

test('no more than the limit is kept', () => {
  const many = Array.from({ length: 50 }, (_, i) => `u${i}@x`).join(',');
  assert.equal(show(many, 20).length, 20);
});

test('what is printed as RFC 5322 says is read back', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const text = fc.stringMatching(/^[ -~]{0,12}$/);
  fc.assert(
    fc.property(fc.array(fc.record({ name: text, local: text, domain: word }), { maxLength: 6 }), (list) => {
      const quoted = (s: string): string => `"${s.replace(/["\\]/g, (c) => `\\${c}`)}"`;
      const printed = list.map((a) => `${quoted(a.name)} <${quoted(a.local)}@${a.domain}.org>`).join(', ');
      assert.deepEqual(
        parseAddresses(printed, 100),
        list.map((a) => ({
          kind: 'mailbox',
          name: a.name === '' ? undefined : a.name,
          route: undefined,
          local: a.local,
          domain: `${a.domain}.org`,
        })),
      );
    }),
  );
});

test('any octets give a list', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...'ab"\\()<>@,:;[]. \t\xe9=?')), (octets) => {
      for (const item of parseAddresses(octets.join(''), 100)) assert.ok(item.kind !== undefined);
    }),
    { numRuns: 2_000 },
  );
});
