import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeKey } from '@vaguemestre/relay/routing/route';
import { createRouter, type RouterSettings } from '@vaguemestre/relay/routing/router';
import { transportTable } from '@vaguemestre/server/config/transport';

const settings = (transports = '', rest: Partial<RouterSettings> = {}): RouterSettings => ({
  domain: 'labo.example',
  domains: ['*.labo.example'],
  partners: ['ami.example'],
  transports: transportTable().read(transports),
  smartHost: undefined,
  ...rest,
});
const keyOf = (address: string, of: RouterSettings) => routeKey(createRouter(of).routeOf(address));

describe('where mail goes', () => {
  it('is the mailbox for the laboratory and its machines, without any DNS', () => {
    const of = settings();
    for (const address of ['bob@labo.example', 'BOB@LABO.EXAMPLE.', 'root@pc42.labo.example', 'bob']) {
      assert.equal(keyOf(address, of), 'mailbox', address);
      assert.equal(createRouter(of).isLocal(address), true, address);
    }
    assert.equal(keyOf('x@xlabo.example', of), 'mx:xlabo.example');
  });

  it('is what the nearest rule says: address, domain, what encloses it, the smart host, the DNS', () => {
    const rules = [
      'lists.labo.example=smtp:[lists.labo.example]',
      'chef@lists.labo.example=mailbox',
      '*.big.example=smtp:gate.big.example:2525',
      'deep.a.big.example=lmtp:/run/deep',
      'gone.example=error:550 5.1.6 moved to new.example',
      'noise.example=discard',
      'alert@phone.example=mx',
    ].join(',');
    const of = settings(rules, {
      smartHost: { kind: 'host', protocol: 'smtp', host: 'out.campus.example', port: 25, mx: true },
    });
    const cases: Record<string, string> = {
      'x@lists.labo.example': 'smtp:[lists.labo.example]:25',
      'Chef@lists.labo.example': 'mailbox',
      'x@a.big.example': 'smtp:gate.big.example:2525',
      'x@b.a.big.example': 'smtp:gate.big.example:2525',
      'x@big.example': 'smtp:out.campus.example:25',
      'x@deep.a.big.example': 'lmtp:/run/deep',
      'x@gone.example': 'error:550 5.1.6 moved to new.example',
      'x@noise.example': 'discard',
      // The way out that does not need the campus (a telephone, another provider).
      'alert@phone.example': 'mx:phone.example',
      'x@elsewhere.example': 'smtp:out.campus.example:25',
      'x@ami.example': 'mx:ami.example',
    };
    for (const [address, key] of Object.entries(cases)) assert.equal(keyOf(address, of), key, address);
  });

  it('is the domain as the DNS knows it, or an address as it stands', () => {
    assert.equal(keyOf('x@Crèche.example', settings()), 'mx:xn--crche-5ra.example');
    assert.equal(keyOf('x@[192.0.2.1]', settings()), 'mx:[192.0.2.1]');
    assert.match(keyOf('x@..', settings()), /^error:550 5\.1\.2 /);
    assert.match(keyOf('x@[300.1.1.1]', settings()), /^error:/);
  });

  it('is open to strangers for partners and what is ours, and for no other rule', () => {
    const router = createRouter(
      settings(
        'lists.labo.example=smtp:[lists.labo.example],big.example=smtp:[gate.big.example],alert@phone.example=mx',
      ),
    );
    assert.equal(router.isRelayed('x@ami.example'), true);
    assert.equal(router.isRelayed('x@lists.labo.example'), true);
    assert.equal(router.isRelayed('x@big.example'), false, 'a rule for ours to them makes no open relay');
    assert.equal(router.isRelayed('alert@phone.example'), false);
    assert.equal(router.isRelayed('x@elsewhere.example'), false);
    assert.equal(router.isRelayed('bob@labo.example'), false, 'local, not relayed');
    assert.equal(router.isLocal('x@lists.labo.example'), false);
  });

  it('may be told by a rule for a partner', () => {
    const of = settings('ami.example=smtp:[mail.ami.example]');
    assert.equal(keyOf('x@ami.example', of), 'smtp:[mail.ami.example]:25');
    assert.equal(createRouter(of).isRelayed('x@ami.example'), true);
  });

  it('is refused as a whole when it contradicts itself', () => {
    assert.throws(
      () => createRouter(settings('labo.example=smtp:[x.example]')),
      /labo\.example stands in .* and in relay-transports/,
    );
    assert.throws(
      () => createRouter(settings('', { partners: ['labo.example'] })),
      /laboratory and one of relay-partners/,
    );
  });
});
