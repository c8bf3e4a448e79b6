import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseStsPolicy, stsAccepts, stsId } from '@vaguemestre/relay/sts/sts-policy';
import fc from 'fast-check';

describe('the TLS policy of a domain', () => {
  it('is there when one record says so (RFC 8461 3.1)', () => {
    assert.equal(stsId(['v=spf1 -all', 'v=STSv1; id=20260101T000000;']), '20260101T000000');
    assert.equal(stsId(['v=STSv1;id=1']), '1');
    for (const none of [
      [],
      ['v=spf1'],
      ['v=STSv1; id=1', 'v=STSv1; id=2'],
      ['v=STSv1;'],
      ['v=STSv1; id=a b'],
      ['id=1; v=STSv1'],
    ]) {
      assert.equal(stsId(none), undefined, none.join());
    }
  });

  it('is read as a whole or not at all (3.2)', () => {
    const text =
      'version: STSv1\r\nmode: enforce\r\nmx: Mail.X.example\r\nmx: *.y.example\r\nmax_age: 604800\r\nnews: x\r\n';
    assert.deepEqual(parseStsPolicy(text), {
      mode: 'enforce',
      maxAgeSeconds: 604_800,
      hosts: ['mail.x.example', '*.y.example'],
    });
    assert.equal(parseStsPolicy('version: STSv1\nmode: none\nmax_age: 9999999999')?.maxAgeSeconds, 31_557_600);
    for (const bad of [
      '',
      '<html>',
      'version: STSv1\nmode: enforce\nmax_age: 1',
      'version: STSv2\nmode: none\nmax_age: 1',
      'version: STSv1\nmode: strict\nmx: a.example\nmax_age: 1',
      'version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1',
      'version: STSv1\nmode: enforce\nmx: *.*.example\nmax_age: 1',
      `version: STSv1\nmode: enforce\nmax_age: 1\n${'mx: a.example\n'.repeat(201)}`,
    ]) {
      assert.equal(parseStsPolicy(bad), undefined, bad.slice(0, 80));
    }
  });

  it('names hosts, a star standing for one label (4.1)', () => {
    const policy = { hosts: ['mail.x.example', '*.y.example'] };
    for (const host of ['mail.x.example', 'MAIL.x.example', 'a.y.example']) assert.ok(stsAccepts(policy, host), host);
    for (const host of ['x.example', 'y.example', 'a.b.y.example', '.y.example', 'xy.example', '']) {
      assert.equal(stsAccepts(policy, host), false, host);
    }
  });

  it('never throws, whatever a stranger publishes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        parseStsPolicy(text);
        parseStsPolicy(`version: STSv1\nmode: enforce\nmax_age: 1\nmx: ${text}`);
        stsId([text, `v=STSv1;${text}`]);
      }),
    );
  });
});
