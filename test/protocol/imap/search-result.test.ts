import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SearchCommand } from '@vaguemestre/server/codec/imap/search';
import { searchQuery } from '@vaguemestre/server/imap/search-program';
import { searchResult } from '@vaguemestre/server/imap/search-result';
import type { MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import { parse } from '../imap-codec/parsing.js';

const uids = [10, 11, 20, 21, 30];
const modseqs = [5, 9, 7, 8, 6];
const ids = ['a1', 'b2', 'c3', 'd4', 'e5'];
const view = {
  count: uids.length,
  uid: Uint32Array.from(uids),
  modseq: Float64Array.from(modseqs),
  idAt: (index: number) => ids[index],
  threadAt: (index: number) => (index < 2 ? 't1' : 't2'),
} as unknown as MailboxView;

const command = (text: string): SearchCommand => parse(text) as SearchCommand;

function answer(text: string, indexes: number[], rev2 = false): [string | undefined, number[] | undefined] {
  const result = searchResult('A1', command(text), view, Uint32Array.from(indexes), rev2);
  return [result.response?.toString('latin1').trimEnd(), result.saved && [...result.saved]];
}

test('SEARCH of rev1', () => {
  assert.deepEqual(answer('SEARCH ALL', [0, 1, 4]), ['* SEARCH 1 2 5', undefined]);
  assert.deepEqual(answer('UID SEARCH ALL', [0, 1, 4]), ['* SEARCH 10 11 30', undefined]);
  assert.deepEqual(answer('SEARCH ALL', []), ['* SEARCH', undefined]);
  assert.deepEqual(answer('SEARCH MODSEQ 1', [0, 2]), ['* SEARCH 1 3 (MODSEQ 7)', undefined]);
  assert.deepEqual(answer('SEARCH MODSEQ 1', []), ['* SEARCH', undefined]);
});

test('SEARCH without RETURN in rev2 is RETURN (ALL)', () => {
  assert.deepEqual(answer('SEARCH ALL', [0, 1, 4], true), ['* ESEARCH (TAG "A1") ALL 1:2,5', undefined]);
  assert.deepEqual(answer('UID SEARCH ALL', [], true), ['* ESEARCH (TAG "A1") UID', undefined]);
});

test('result options', () => {
  assert.deepEqual(answer('SEARCH RETURN () ALL', [0, 1]), ['* ESEARCH (TAG "A1") ALL 1:2', undefined]);
  assert.deepEqual(answer('UID SEARCH RETURN (MIN MAX COUNT ALL) ALL', [1, 2, 3]), [
    '* ESEARCH (TAG "A1") UID MIN 11 MAX 21 COUNT 3 ALL 11,20:21',
    undefined,
  ]);
  assert.deepEqual(answer('SEARCH RETURN (MIN MAX COUNT ALL) ALL', []), ['* ESEARCH (TAG "A1") COUNT 0', undefined]);
});

test('MODSEQ is that of the messages that are named (RFC 4731 3.2)', () => {
  const modseq = (options: string): string | undefined =>
    answer(`SEARCH RETURN (${options}) MODSEQ 1`, [0, 1, 2, 4])[0]?.split('MODSEQ ')[1];
  assert.equal(modseq('MIN'), '5');
  assert.equal(modseq('MAX'), '6');
  assert.equal(modseq('MIN MAX'), '6');
  assert.equal(modseq('ALL'), '9');
  assert.equal(modseq('MIN COUNT'), '9');
  assert.equal(answer('SEARCH RETURN (COUNT) MODSEQ 1', [])[0], '* ESEARCH (TAG "A1") COUNT 0');
});

test('SAVE keeps what the answer names (RFC 5182 2.1)', () => {
  const saved = (options: string, found = [0, 1, 2, 4]): unknown => answer(`SEARCH RETURN (${options}) ALL`, found);
  assert.deepEqual(saved('SAVE'), [undefined, [10, 11, 20, 30]]);
  assert.deepEqual(saved('SAVE', []), [undefined, []]);
  assert.deepEqual(saved('SAVE MIN'), ['* ESEARCH (TAG "A1") MIN 1', [10]]);
  assert.deepEqual(saved('SAVE MAX'), ['* ESEARCH (TAG "A1") MAX 5', [30]]);
  assert.deepEqual(saved('SAVE MIN MAX'), ['* ESEARCH (TAG "A1") MIN 1 MAX 5', [10, 30]]);
  assert.deepEqual(saved('SAVE MIN MAX', [3]), ['* ESEARCH (TAG "A1") MIN 4 MAX 4', [21]]);
  assert.deepEqual(saved('SAVE COUNT'), ['* ESEARCH (TAG "A1") COUNT 4', [10, 11, 20, 30]]);
  assert.deepEqual(saved('SAVE MIN ALL'), ['* ESEARCH (TAG "A1") MIN 1 ALL 1:3,5', [10, 11, 20, 30]]);
});

test('the program in the terms of the mailstore', () => {
  const query = (text: string, saved: number[] = []): unknown =>
    searchQuery(command(`SEARCH ${text}`).key, { view, saved: Uint32Array.from(saved) });
  assert.deepEqual(query('*:3'), { kind: 'sequence', ranges: [[3, 5]] });
  assert.deepEqual(query('4:99'), { kind: 'sequence', ranges: [[4, 5]] });
  assert.deepEqual(query('99'), { kind: 'sequence', ranges: [] });
  assert.deepEqual(query('UID 999:*'), { kind: 'uid', ranges: [[30, 999]] });
  assert.deepEqual(query('UID *'), { kind: 'uid', ranges: [[30, 30]] });
  assert.deepEqual(query('NEW'), { kind: 'not', of: { kind: 'all' } });
  for (const text of ['$', 'UID $'])
    assert.deepEqual(query(text, [10, 11, 30]), {
      kind: 'uid',
      ranges: [
        [10, 11],
        [30, 30],
      ],
    });
  assert.deepEqual(query('EMAILID c3'), { kind: 'sequence', ranges: [[3, 3]] });
  assert.deepEqual(query('THREADID t2'), { kind: 'sequence', ranges: [[3, 5]] });
  assert.deepEqual(query('OR SEEN NOT (UID 1 DRAFT)'), {
    kind: 'or',
    of: [
      { kind: 'flag', flag: '\\Seen', set: true },
      {
        kind: 'not',
        of: {
          kind: 'and',
          of: [
            { kind: 'uid', ranges: [[1, 1]] },
            { kind: 'flag', flag: '\\Draft', set: true },
          ],
        },
      },
    ],
  });
});
