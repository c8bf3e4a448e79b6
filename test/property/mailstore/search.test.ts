import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldText } from '@vaguemestre/server/codec/mime/fold';
import { listHeaders } from '@vaguemestre/server/codec/mime/listed-headers';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { textMatches } from '@vaguemestre/server/codec/mime/text-search';
import type { MailboxId, MessageId, ThreadId } from '@vaguemestre/server/kernel/ids';
import type { MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import { emptyPack, groupAt, partsPerPack, setPart } from '@vaguemestre/server/mailstore/search/bit-slices';
import { evaluate } from '@vaguemestre/server/mailstore/search/evaluate';
import type { SearchSource } from '@vaguemestre/server/mailstore/search/search-source';
import { excludeBySignature, type SignatureStore } from '@vaguemestre/server/mailstore/search/signature-index';
import type { SearchQuery } from '@vaguemestre/server/mailstore/search-query';
import fc from 'fast-check';

/** The evaluator, with packs, cards and single signatures, against a reading of every message for every question. */
interface Mail {
  readonly octets: Buffer;
  readonly flags: number;
  readonly date: number;
  readonly uid: number;
  readonly modseq: number;
}

const words = ['budget', 'réunion', 'Dossier', 'xk7', 'zyxquorum', 'été', 'a', 'Müller', 'laboratoire'];

const mail = fc.record({
  subject: fc.array(fc.constantFrom(...words), { maxLength: 4 }),
  from: fc.constantFrom('Ada <ada@labo.example>', 'Zoé Müller <zoe@elsewhere.example>'),
  body: fc.array(fc.constantFrom(...words), { maxLength: 30 }),
  base64: fc.boolean(),
  day: fc.integer({ min: 19_000, max: 19_004 }),
  flags: fc.integer({ min: 0, max: 31 }),
  hasDate: fc.boolean(),
  custom: fc.option(fc.constantFrom(...words), { nil: undefined }),
});

function mailOf(one: typeof mail extends fc.Arbitrary<infer T> ? T : never, index: number): Mail {
  const text = one.body.join(' ');
  const date = new Date(one.day * 86_400_000 + index * 1000).toUTCString().replace('GMT', '+0200');
  const encoded = (value: string) => `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
  const lines = [
    `From: ${encoded(one.from.split(' <')[0]!)} <${one.from.split('<')[1]!}`,
    `Subject: ${encoded(one.subject.join(' '))}`,
    ...(one.hasDate ? [`Date: ${date}`] : []),
    ...(one.custom === undefined ? [] : [`X-Custom: ${encoded(one.custom)}`]),
    'Content-Type: text/plain; charset=utf-8',
    `Content-Transfer-Encoding: ${one.base64 ? 'base64' : '8bit'}`,
    '',
    one.base64 ? Buffer.from(text).toString('base64') : text,
    '',
  ];
  return {
    octets: Buffer.from(lines.join('\r\n')),
    flags: one.flags,
    date: one.day * 86_400 + index,
    uid: 3 * index + 5,
    modseq: 10 + ((index * 7) % 5),
  };
}

function viewOf(mails: readonly Mail[]): MailboxView {
  const uid = Uint32Array.from(mails, (one) => one.uid);
  const lowerBound = (wanted: number) => {
    const at = uid.findIndex((value) => value >= wanted);
    return at < 0 ? mails.length : at;
  };
  return {
    mailbox: 'box' as MailboxId,
    count: mails.length,
    uid,
    flags: Uint32Array.from(mails, (one) => one.flags),
    keywords: [undefined, undefined, undefined],
    modseq: Float64Array.from(mails, (one) => one.modseq),
    load: async () => undefined,
    idAt: (index) => String(index).padStart(24, '0') as MessageId,
    sizeAt: (index) => mails[index]!.octets.length,
    dateAt: (index) => mails[index]!.date,
    threadAt: () => '0'.repeat(16) as ThreadId,
    // slots out of order, as after a MOVE
    slotAt: (index) => (index * 37) % 1_009,
    flagsAt: (index) => [mails[index]!.flags, 0, 0, 0],
    indexOf: (wanted) => uid.indexOf(wanted),
    lowerBound,
  };
}

/** The first `packed` messages are in packs, the others have single signatures, but every fifth has none. */
function storeOf(mails: readonly Mail[], view: MailboxView, packed: number): SignatureStore {
  const pack = emptyPack();
  const directory: number[] = [];
  for (let i = 0; i < packed; i++) {
    for (const part of messageFacts(mails[i]!.octets).signature ?? [new Uint8Array(1024).fill(0xff)]) {
      assert.ok(directory.length < partsPerPack);
      setPart(pack, directory.length, part);
      directory.push(view.slotAt(i));
    }
  }
  return {
    packs: packed > 0 ? ['p'] : [],
    directory: async () => Uint32Array.from(directory),
    groups: async (_packs, groups) => new Map([['p', new Map(groups.map((group) => [group, groupAt(pack, group)]))]]),
    single: async (ids) =>
      new Map(
        ids
          .filter((id) => Number(id) % 5 !== 0)
          .map((id) => [id, Buffer.concat(messageFacts(mails[Number(id)]!.octets).signature ?? [])]),
      ),
  };
}

function sourceOf(mails: readonly Mail[], packed: number, read: { contents: number }): SearchSource {
  const view = viewOf(mails);
  const store = storeOf(mails, view, packed);
  const flags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];
  return {
    view,
    now: 19_005 * 86_400,
    maskOf: (flag) => (flags.includes(flag) ? [1 << flags.indexOf(flag), 0, 0, 0] : undefined),
    async *cards(indexes) {
      yield [...indexes].map((index, position) => ({
        index: position,
        envelope: Buffer.alloc(0),
        bodyStructure: Buffer.alloc(0),
        headers: Buffer.from(listHeaders(mails[index]!.octets.toString('latin1')), 'latin1'),
      }));
    },
    async *contents(indexes) {
      for (const [position, index] of indexes.entries()) {
        read.contents++;
        const { octets } = mails[index]!;
        const cut = octets.length >> 1;
        yield {
          index: position,
          id: view.idAt(index),
          size: octets.length,
          prefix: Buffer.alloc(0),
          first: octets.subarray(0, cut),
          async *rest() {
            yield octets.subarray(cut);
          },
        };
      }
    },
    exclude: (needle, candidates) => excludeBySignature(store, view, needle, candidates),
  };
}

function naive(one: Mail, index: number, query: SearchQuery): boolean {
  const day = Math.floor(one.date / 86_400);
  switch (query.kind) {
    case 'all':
      return true;
    case 'and':
      return query.of.every((member) => naive(one, index, member));
    case 'or':
      return query.of.some((member) => naive(one, index, member));
    case 'not':
      return !naive(one, index, query.of);
    case 'flag': {
      const bit = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'].indexOf(query.flag);
      return (bit >= 0 && (one.flags & (1 << bit)) !== 0) === query.set;
    }
    case 'uid':
      return query.ranges.some(([from, to]) => one.uid >= from && one.uid <= to);
    case 'sequence':
      return query.ranges.some(([from, to]) => index + 1 >= from && index + 1 <= to);
    case 'larger':
      return one.octets.length > query.bytes;
    case 'smaller':
      return one.octets.length < query.bytes;
    case 'internalDate':
      return query.is === 'on' ? day === query.day : query.is === 'before' ? day < query.day : day >= query.day;
    case 'modseq':
      return one.modseq >= query.since;
    case 'older':
      return one.date <= 19_005 * 86_400 - query.seconds;
    case 'younger':
      return one.date > 19_005 * 86_400 - query.seconds;
    case 'sentDate': {
      const value = /^Date: (.*)$/m.exec(one.octets.toString('latin1'))?.[1];
      if (value === undefined) return false;
      const written = Math.floor(Date.parse(value.replace(/\+0200/, 'GMT')) / 86_400_000);
      return query.is === 'on'
        ? written === query.day
        : query.is === 'before'
          ? written < query.day
          : written >= query.day;
    }
    case 'header': {
      const value = new RegExp(`^${query.field}: (.*)$`, 'mi').exec(one.octets.toString('latin1'))?.[1];
      if (value === undefined) return false;
      const decoded = value.replace(/=\?UTF-8\?B\?(.*?)\?=/, (_, b) => Buffer.from(b, 'base64').toString());
      return Buffer.from(foldText(decoded)).includes(Buffer.from(foldText(query.value)));
    }
    case 'body':
    case 'text':
    case 'shown':
      return textMatches(one.octets, { text: query.value, scope: query.kind });
    case 'rows':
      throw new TypeError('asked of emails only');
  }
}

const day = fc.integer({ min: 18_999, max: 19_005 });
const is = fc.constantFrom('before' as const, 'on' as const, 'since' as const);
const ranges = fc
  .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 30 }))
  .map(([from, length]) => [[from, from + length] as const]);
const needle = fc.oneof(
  fc.constantFrom(...words, 'ETE', 'reunion', 'udg', 'et', ''),
  fc.constantFrom('dossier budget', 'zz'),
);

const { query } = fc.letrec<{ query: SearchQuery }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant({ kind: 'all' } as const),
    fc.record({
      kind: fc.constant('flag' as const),
      flag: fc.constantFrom('\\Seen', '\\Flagged', 'none'),
      set: fc.boolean(),
    }),
    fc.record({ kind: fc.constantFrom('uid' as const, 'sequence' as const), ranges }),
    fc.record({
      kind: fc.constantFrom('larger' as const, 'smaller' as const),
      bytes: fc.integer({ min: 100, max: 500 }),
    }),
    fc.record({ kind: fc.constantFrom('internalDate' as const, 'sentDate' as const), is, day }),
    fc.record({
      kind: fc.constantFrom('older' as const, 'younger' as const),
      seconds: fc.integer({ min: 0, max: 500_000 }),
    }),
    fc.record({ kind: fc.constant('modseq' as const), since: fc.integer({ min: 9, max: 15 }) }),
    fc.record({
      kind: fc.constant('header' as const),
      field: fc.constantFrom('From', 'SUBJECT', 'x-custom', 'absent'),
      value: needle,
    }),
    fc.record({ kind: fc.constantFrom('body' as const, 'text' as const, 'shown' as const), value: needle }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('query'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('query') }),
  ),
}));

test('search answers as a reading of every message does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mail, { minLength: 1, maxLength: 60 }),
      query,
      fc.nat(60),
      async (records, asked, packed) => {
        const mails = records.map(mailOf);
        const found = await evaluate(sourceOf(mails, Math.min(packed, mails.length), { contents: 0 }), asked);
        const wanted = mails.flatMap((one, index) => (naive(one, index, asked) ? [index] : []));
        assert.deepEqual([...found], wanted);
      },
    ),
    { numRuns: 400 },
  );
});

test('a rare word reads only the messages that may hold it', async () => {
  const mails = Array.from({ length: 300 }, (_, i) =>
    mailOf(
      {
        subject: ['budget'],
        from: 'Ada <ada@labo.example>',
        body: i === 123 ? ['zyxquorum'] : ['budget', 'été'],
        base64: true,
        day: 19_000,
        flags: 0,
        hasDate: true,
        custom: undefined,
      },
      i,
    ),
  );
  const read = { contents: 0 };
  const found = await evaluate(sourceOf(mails, 250, read), { kind: 'text', value: 'ZYXQUORUM' });
  assert.deepEqual([...found], [123]);
  // the tenth part of the 50 without a pack has no signature at all
  assert.ok(read.contents <= 12, `${read.contents} contents were read`);
});
