/**
 * Any command, written in any spelling that the grammar allows (case, quotes, literals, parentheses), means what it says. The
 * writer here is the test's own: it knows the grammar of RFC 9051 9 and nothing of the parser.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FetchItem } from '@vaguemestre/server/codec/imap/fetch';
import type { SearchKey } from '@vaguemestre/server/codec/imap/search';
import type { SequenceSet } from '@vaguemestre/server/codec/imap/sequence-set';
import fc from 'fast-check';
import { parse } from './parsing.js';

/** A value with one way to write it. */
interface Written<T> {
  readonly value: T;
  readonly text: string;
}

const spelled = (word: string): fc.Arbitrary<string> =>
  fc.constantFrom(word.toUpperCase(), word.toLowerCase(), word[0]!.toUpperCase() + word.slice(1).toLowerCase());

const isAtom = (text: string): boolean => /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}]+$/.test(text);

/** astring in one of its forms; text is Latin-1 of its UTF-8. */
function astring(value: string): fc.Arbitrary<string> {
  const octets = Buffer.from(value);
  const forms: fc.Arbitrary<string>[] = [fc.constant(`{${octets.length}+}\r\n${octets.toString('latin1')}`)];
  if (!/[\r\n\0]/.test(value)) {
    forms.push(fc.constant(`"${octets.toString('latin1').replaceAll(/[\\"]/g, '\\$&')}"`));
  }
  if (isAtom(value)) forms.push(fc.constant(value));
  return fc.oneof(...forms);
}

const value: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('', 'a', 'NIL', '(', '"', '\\', '{3}', '\u00e9t\u00e9', 'OR', '*'),
  )
  .filter((text) => !text.includes('\0'));
const written = value.chain((each) => astring(each).map((text): Written<string> => ({ value: each, text })));

const number = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const sequenceNumber = fc.oneof(
  number.map((n): Written<number> => ({ value: n, text: `${n}` })),
  fc.constant<Written<number>>({ value: 0, text: '*' }),
);
const element = fc.oneof(
  sequenceNumber.map(({ value: n, text }) => ({ value: [n, n] as [number, number], text })),
  fc.tuple(sequenceNumber, sequenceNumber).map(([a, b]) => ({
    value: [a.value, b.value] as [number, number],
    text: `${a.text}:${b.text}`,
  })),
);
const set: fc.Arbitrary<Written<SequenceSet>> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(element, { minLength: 1, maxLength: 5 }).map((elements) => ({
      value: { kind: 'written', ranges: elements.map((each) => each.value) } as SequenceSet,
      text: elements.map((each) => each.text).join(','),
    })),
  },
  { weight: 1, arbitrary: fc.constant({ value: { kind: 'saved' } as SequenceSet, text: '$' }) },
);

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const day: fc.Arbitrary<Written<number>> = fc
  .record({ day: fc.integer({ min: -20_000, max: 60_000 }), quoted: fc.boolean(), padded: fc.boolean() })
  .map(({ day: days, quoted, padded }) => {
    const date = new Date(days * 86_400_000);
    const inMonth = String(date.getUTCDate()).padStart(padded ? 2 : 1, '0');
    const text = `${inMonth}-${months[date.getUTCMonth()]}-${String(date.getUTCFullYear()).padStart(4, '0')}`;
    return { value: days, text: quoted ? `"${text}"` : text };
  });

type Key = Written<SearchKey>;
const key = (word: string, key: SearchKey): fc.Arbitrary<Key> => spelled(word).map((text) => ({ value: key, text }));
const withArgument = <T>(word: string, argument: fc.Arbitrary<Written<T>>, make: (value: T) => SearchKey) =>
  fc
    .tuple(spelled(word), argument)
    .map(([name, { value: each, text }]): Key => ({ value: make(each), text: `${name} ${text}` }));
const count = fc.nat().map((n): Written<number> => ({ value: n, text: `${n}` }));
const positive = number.map((n): Written<number> => ({ value: n, text: `${n}` }));
const flag = fc.constantFrom('$Junk', 'foo', 'NonJunk', '$label1').map((each) => ({ value: each, text: each }));

const leaf: fc.Arbitrary<Key> = fc.oneof(
  key('ALL', { kind: 'all' }),
  key('UNSEEN', { kind: 'flag', flag: '\\Seen', set: false }),
  key('ANSWERED', { kind: 'flag', flag: '\\Answered', set: true }),
  set.map((each): Key => ({ value: { kind: 'sequence', set: each.value }, text: each.text })),
  withArgument('UID', set, (each) => ({ kind: 'uid', set: each })),
  withArgument('KEYWORD', flag, (each) => ({ kind: 'flag', flag: each, set: true })),
  withArgument('SENTSINCE', day, (each) => ({ kind: 'sentDate', is: 'since', day: each })),
  withArgument('BEFORE', day, (each) => ({ kind: 'internalDate', is: 'before', day: each })),
  withArgument('LARGER', count, (bytes) => ({ kind: 'larger', bytes })),
  withArgument('YOUNGER', positive, (seconds) => ({ kind: 'younger', seconds })),
  withArgument('MODSEQ', count, (since) => ({ kind: 'modseq', since })),
  withArgument('SUBJECT', written, (text) => ({ kind: 'header', field: 'SUBJECT', value: text })),
  withArgument('TEXT', written, (text) => ({ kind: 'text', value: text })),
  fc.tuple(spelled('HEADER'), written).map(
    ([name, { value: each, text }]): Key => ({
      value: { kind: 'header', field: 'X-Foo', value: each },
      text: `${name} X-Foo ${text}`,
    }),
  ),
);

const { program } = fc.letrec<{ program: Key; list: Key }>((tie) => ({
  program: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('list'),
    fc.tuple(spelled('NOT'), tie('program')).map(([name, of]) => ({
      value: { kind: 'not', of: of.value } as SearchKey,
      text: `${name} ${of.text}`,
    })),
    fc.tuple(spelled('OR'), tie('program'), tie('program')).map(([name, a, b]) => ({
      value: { kind: 'or', of: [a.value, b.value] } as SearchKey,
      text: `${name} ${a.text} ${b.text}`,
    })),
  ),
  list: fc.array(tie('program'), { minLength: 1, maxLength: 3 }).map((keys) => ({
    // Parentheses around one key mean that key.
    value: keys.length === 1 ? keys[0]!.value : ({ kind: 'and', of: keys.map((each) => each.value) } as SearchKey),
    text: `(${keys.map((each) => each.text).join(' ')})`,
  })),
}));

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

test('any search program', () => {
  fc.assert(
    fc.property(program, spelled('SEARCH'), ({ value: expected, text }, name) => {
      const command = parse(latin1(`${name} ${text}`));
      assert.ok(command.kind === 'search');
      assert.deepEqual(command.key, expected);
      assert.equal(command.usesModseq, JSON.stringify(expected).includes('"modseq"'));
    }),
    { numRuns: 2000 },
  );
});

const part = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 4 });
const field = fc.constantFrom('From', 'X-Foo', 'List-Id', 'a b', 'NIL', 'x"y');
const partial = fc.option(fc.record({ offset: fc.nat(), count: number }, { noNullPrototype: true }), {
  nil: undefined,
});

const item: fc.Arbitrary<Written<FetchItem>> = fc.oneof(
  fc
    .constantFrom(
      ['FLAGS', 'flags'],
      ['UID', 'uid'],
      ['RFC822.SIZE', 'size'],
      ['ENVELOPE', 'envelope'],
      ['BODYSTRUCTURE', 'bodyStructure'],
      ['BODY', 'body'],
      ['MODSEQ', 'modseq'],
    )
    .chain(([word, kind]) => spelled(word!).map((text) => ({ value: { kind } as FetchItem, text }))),
  fc
    .record({
      part,
      partial,
      peek: fc.boolean(),
      text: fc.constantFrom('all', 'header', 'text', 'mime', 'headerFields', 'headerFieldsNot'),
      fields: fc.uniqueArray(field, { minLength: 1 }),
    })
    .filter((each) => each.text !== 'mime' || each.part.length > 0)
    .chain((each) =>
      fc.tuple(fc.constant(each), spelled(each.peek ? 'BODY.PEEK' : 'BODY'), fc.tuple(...each.fields.map(astring))),
    )
    .map(([each, name, fields]) => {
      const words: Record<string, string> = {
        all: '',
        header: 'HEADER',
        text: 'TEXT',
        mime: 'MIME',
        headerFields: 'HEADER.FIELDS',
        headerFieldsNot: 'HEADER.FIELDS.NOT',
      };
      const listed = each.text.startsWith('headerFields');
      const inside = (names: readonly string[]): string =>
        [each.part.join('.'), words[each.text]!].filter((piece) => piece !== '').join('.') +
        (listed ? ` (${names.join(' ')})` : '');
      const from = each.partial === undefined ? '' : `<${each.partial.offset}.${each.partial.count}>`;
      const canonical = each.fields.map((one) => (isAtom(one) ? one : `"${one.replaceAll('"', '\\"')}"`));
      return {
        value: {
          kind: 'section',
          section: { part: each.part, text: each.text, ...(listed ? { fields: each.fields } : {}) },
          peek: each.peek,
          partial: each.partial,
          name: `BODY[${inside(canonical)}]${each.partial === undefined ? '' : `<${each.partial.offset}>`}`,
        } as FetchItem,
        text: `${name}[${inside(fields)}]${from}`,
      };
    }),
);

test('any FETCH', () => {
  const items = fc.uniqueArray(item, {
    minLength: 1,
    maxLength: 5,
    selector: ({ value: each }) => ('name' in each ? each.name : each.kind),
  });
  fc.assert(
    fc.property(set, items, fc.boolean(), (numbers, wanted, uid) => {
      const command = parse(
        latin1(`${uid ? 'UID ' : ''}FETCH ${numbers.text} (${wanted.map((each) => each.text).join(' ')})`),
      );
      assert.deepEqual(command, {
        kind: 'fetch',
        uid,
        set: numbers.value,
        items: wanted.map((each) => each.value),
        changedSince: undefined,
        vanished: false,
      });
    }),
    { numRuns: 1000 },
  );
});

test('any LOGIN, with every octet that a string may hold', () => {
  fc.assert(
    fc.property(written, written, spelled('LOGIN'), (user, password, name) => {
      assert.deepEqual(parse(latin1(`${name} ${user.text} ${password.text}`)), {
        kind: 'login',
        user: user.value,
        password: Buffer.from(password.value),
      });
    }),
    { numRuns: 1000 },
  );
});
