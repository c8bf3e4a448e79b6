import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DnsAnswer, MxRecord } from '@vaguemestre/relay/dns/answer';
import { type MxNames, mxList } from '@vaguemestre/relay/routing/mx-list';
import fc from 'fast-check';

const names: MxNames = { isOwn: (host) => host === 'relay.labo.example', below: () => 0 };
const records = (...list: [number, string][]): DnsAnswer<MxRecord> => ({
  kind: 'records',
  records: list.map(([preference, exchange]) => ({ preference, exchange })),
});
const groupsOf = (answer: DnsAnswer<MxRecord>, with_ = names) => {
  const list = mxList('x.example', answer, with_);
  assert.equal(list.kind, 'groups');
  return list.kind === 'groups' ? list.groups.map(({ preference, hosts }) => [preference, [...hosts].sort()]) : [];
};
const problemOf = (answer: DnsAnswer<MxRecord>) => {
  const list = mxList('x.example', answer, names);
  assert.notEqual(list.kind, 'groups');
  return list.kind === 'groups' ? '' : `${list.kind} ${list.enhanced}`;
};

describe('the MX records of a domain', () => {
  it('are tried in their order, equals together', () => {
    assert.deepEqual(groupsOf(records([20, 'c'], [10, 'a'], [10, 'b'], [50, 'd'])), [
      [10, ['a', 'b']],
      [20, ['c']],
      [50, ['d']],
    ]);
  });

  it('that are missing make the domain its own host, unless it does not exist', () => {
    assert.deepEqual(groupsOf({ kind: 'none', why: 'noData' }), [[0, ['x.example']]]);
    assert.equal(problemOf({ kind: 'none', why: 'noName' }), 'failed 5.1.2');
  });

  it('that nobody could tell make a message wait', () => {
    assert.equal(problemOf({ kind: 'failed', why: 'servfail' }), 'later 4.4.3');
    assert.equal(problemOf({ kind: 'failed', why: 'timeout' }), 'later 4.4.3');
    assert.equal(problemOf({ kind: 'failed', why: 'refused' }), 'later 4.4.3');
  });

  it('say that a domain takes no mail (RFC 7505)', () => {
    assert.equal(problemOf(records([0, ''])), 'failed 5.1.10');
    assert.deepEqual(groupsOf(records([0, ''], [10, 'a'])), [[10, ['a']]], 'beside others it says nothing');
  });

  it('end before this relay itself', () => {
    assert.deepEqual(groupsOf(records([10, 'smtp1'], [50, 'relay.labo.example'], [50, 'partner'], [60, 'z'])), [
      [10, ['smtp1']],
    ]);
    assert.equal(problemOf(records([10, 'relay.labo.example'], [10, 'other'], [20, 'z'])), 'failed 5.4.6');
  });

  it('never lead back, never out of order, never to more than twenty hosts', () => {
    const mx = fc.record({
      preference: fc.integer({ min: 0, max: 6 }),
      exchange: fc.oneof(
        fc.constant(''),
        fc.constant('relay.labo.example'),
        fc.integer({ max: 40, min: 0 }).map((n) => `h${n}`),
      ),
    });
    fc.assert(
      fc.property(fc.array(mx, { minLength: 1, maxLength: 60 }), fc.infiniteStream(fc.nat()), (list, numbers) => {
        const chance: MxNames = { isOwn: names.isOwn, below: (below) => numbers.next().value % below };
        const result = mxList('x.example', { kind: 'records', records: list }, chance);
        const own = list.filter(({ exchange }) => names.isOwn(exchange)).map(({ preference }) => preference);
        const limit = Math.min(...own, Number.POSITIVE_INFINITY);
        const usable = list.filter(({ exchange, preference }) => exchange !== '' && preference < limit);
        if (result.kind !== 'groups') {
          assert.equal(usable.length, 0);
          return;
        }
        const flat = result.groups.flatMap(({ preference, hosts }) => hosts.map((host) => ({ preference, host })));
        assert.ok(flat.length > 0 && flat.length <= 20);
        for (const [i, { preference, host }] of flat.entries()) {
          assert.ok(i === 0 || flat[i - 1]!.preference <= preference);
          assert.ok(usable.some((one) => one.exchange === host && one.preference === preference));
        }
        const wanted = new Set(usable.map(({ preference, exchange }) => `${preference} ${exchange}`));
        if (wanted.size <= 20) assert.equal(flat.length, wanted.size, 'none is left out');
      }),
    );
  });
});
