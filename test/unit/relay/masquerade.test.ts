import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeHeader } from '@vaguemestre/relay/intake/header-intake';
import { createMasquerade } from '@vaguemestre/relay/intake/masquerade';
import fc from 'fast-check';

const masquerade = createMasquerade({
  domain: 'labo.example',
  hides: (host) => host.endsWith('.labo.example') && host !== 'lists.labo.example',
  exposed: ['root', 'www-data'],
});

describe('central masquerading', () => {
  const addresses: readonly (readonly [string, string])[] = [
    ['bob@pc42.labo.example', 'bob@labo.example'],
    ['Bob@PC42.Labo.Example', 'Bob@labo.example'],
    ['"b ob"@pc42.labo.example', '"b ob"@labo.example'],
    ['root@web1.labo.example', 'root@web1.labo.example'],
    ['WWW-Data@web1.labo.example', 'WWW-Data@web1.labo.example'],
    ['sympa@lists.labo.example', 'sympa@lists.labo.example'],
    ['bob@labo.example', 'bob@labo.example'],
    ['zoe@outside.example', 'zoe@outside.example'],
    ['bob', 'bob@labo.example'],
    ['', ''],
  ];
  for (const [given, expected] of addresses) {
    it(`makes ${expected || '<>'} of ${given || '<>'}`, () => assert.equal(masquerade.address(given), expected));
  }

  const fields: readonly (readonly [string, string])[] = [
    [' Bob <bob@pc42.labo.example>\r\n', ' Bob <bob@labo.example>\r\n'],
    [
      ' "bob@pc1.labo.example" <bob@pc42.labo.example> (at pc@x.labo.example)\r\n',
      ' "bob@pc1.labo.example" <bob@labo.example> (at pc@x.labo.example)\r\n',
    ],
    [' a@x.labo.example,\r\n b@y.labo.example\r\n', ' a@labo.example,\r\n b@labo.example\r\n'],
    [' staff: root@x.labo.example, u@x.labo.example;\r\n', ' staff: root@x.labo.example, u@labo.example;\r\n'],
    [' "q\\"@pc1.labo.example" <x@outside.example>\r\n', ' "q\\"@pc1.labo.example" <x@outside.example>\r\n'],
    [' bob@pc42.labo.example.evil.example\r\n', ' bob@pc42.labo.example.evil.example\r\n'],
  ];
  for (const [given, expected] of fields) {
    it(`changes nothing but the domain in${given.trimEnd()}`, () => assert.equal(masquerade.field(given), expected));
  }

  it('rewrites fields that name senders, and no others', () => {
    const header =
      'From: root (Cron Daemon)\r\nTo: bob@pc42.labo.example\r\nReply-To: bob@pc42.labo.example\r\nSubject: x@pc42.labo.example\r\n\r\nFrom: a@pc1.labo.example\r\n';
    assert.equal(
      masquerade.header(header),
      'From: root@labo.example (Cron Daemon)\r\nTo: bob@pc42.labo.example\r\nReply-To: bob@labo.example\r\nSubject: x@pc42.labo.example\r\n\r\nFrom: a@pc1.labo.example\r\n',
    );
  });

  it('is done once: a second time changes nothing', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '@', '.', '"', '\\', '(', ')', '<', '>', ',', ' ', 'pc.labo.example'),
    });
    fc.assert(
      fc.property(text, (value) => {
        const once = masquerade.field(value);
        assert.equal(masquerade.field(once), once);
        assert.ok(once.length <= value.length);
      }),
    );
  });
});

describe('the header of what comes in', () => {
  const edge = { hostname: 'relay.labo.example', authservId: 'relay.labo.example' };

  it('loses our own marks and the words of foreign filters, and nothing else', () => {
    const kept =
      'Received: from a by b; Tue, 24 Nov 2026 06:00:01 +0000\r\nAuthentication-Results: other.example; spf=pass\r\n';
    const header =
      'X-Vaguemestre-Verdict: clean\r\n' +
      `${kept}X-Spam-Status: No,\r\n\tscore=1\r\nAuthentication-Results: RELAY.labo.example (x); dkim=pass\r\nSubject: =?utf-8?q?=C3=A9t=C3=A9?=\r\nX-Virus-Scanned: ok\r\n\r\n`;
    const taken = takeHeader(header, edge);
    assert.equal(taken.header, `${kept}Subject: =?utf-8?q?=C3=A9t=C3=A9?=\r\n\r\n`);
    assert.equal(taken.about.subject, 'été');
    assert.deepEqual(taken.about.hopsMs, [Date.UTC(2026, 10, 24, 6, 0, 1)]);
  });

  it('counts hops, and those that were ours', () => {
    const own =
      'Received: from x (y [192.0.2.1])\r\n\tby relay.labo.example with ESMTP id 1; Tue, 24 Nov 2026 06:00:01 +0000\r\n';
    const other = 'Received: from x by relay.labo.example.evil with SMTP; Tue, 24 Nov 2026 06:00:00 +0000\r\n';
    const { hops, ownHops } = takeHeader(`${own}${other}${own}\r\n`, edge);
    assert.deepEqual([hops, ownHops], [3, 2]);
  });

  it('stays octet for octet when there is nothing to remove', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ':', '\r\n', ' ', '\xe9', 'To: x\r\n', '\n'), maxLength: 200 }),
        (header) => {
          assert.equal(takeHeader(header, edge).header, header);
        },
      ),
    );
  });
});
