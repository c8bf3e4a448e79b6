/** How mail programs find out how to be set: the same for strangers, and what a person may for the person. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { dnsRecords } from '@vaguemestre/server/http/configure/dns-records';
import { program, unlessInstalled } from '../../harness/programs.js';
import type { WebClient } from '../../harness/web-client.js';
import { webPassword, webPeople } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

const doors = [
  { name: 'imap', port: 1143, security: 'starttls' },
  { name: 'imaps', port: 1993, security: 'tls' },
  { name: 'pop3s', port: 1995, security: 'tls' },
  { name: 'submission', port: 1587, security: 'starttls' },
  { name: 'https', port: 8443, security: 'tls' },
] as const;

/** Elements and their text in the order of the document, by Python's parser. */
function parsed(xml: string): (readonly [string, string, Record<string, string>])[] {
  const script =
    'import sys,json,xml.etree.ElementTree as e\n' +
    'print(json.dumps([[x.tag.split("}")[-1],(x.text or "").strip(),x.attrib] for x in e.fromstring(sys.stdin.buffer.read()).iter()]))';
  return JSON.parse(execFileSync(program('python3'), ['-c', script], { input: xml, encoding: 'utf8' }));
}

describe('setting up mail programs', { skip: unlessInstalled('python3') }, () => {
  let site: WebSite;
  let closed: WebSite;
  before(async () => {
    site = await openWebSite({ people: webPeople(), doors });
    closed = await openWebSite();
    await site.people.add('anne');
    const days = { expires: new Date(Date.now() + 86_400_000), sponsor: 'anne' };
    await site.people.add('tom', { role: 'intern', name: 'Tom & <Co>', ...days });
    await site.people.add('robot', { role: 'service' });
    await site.people.add('boss', { admin: true });
  });
  after(async () => {
    for (const one of [site, closed]) {
      await one.close();
      await one.people.close();
    }
  });

  async function signedIn(name: string): Promise<WebClient> {
    const client = site.client();
    await client.signIn(name, webPassword);
    return client;
  }

  it('autoconfig names the safest open door of each kind, and nobody', async () => {
    const [one, other] = await Promise.all([
      site.client().get('/mail/config-v1.1.xml?emailaddress=anne%40labo.example'),
      site.client().get('/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=nobody%40labo.example'),
    ]);
    assert.equal(one.text, other.text);
    assert.match(one.headers['content-type'] ?? '', /^text\/xml/);
    const elements = parsed(one.text);
    const servers = elements.filter(([tag]) => tag === 'incomingServer' || tag === 'outgoingServer');
    assert.deepEqual(
      servers.map(([, , { type }]) => type),
      ['imap', 'pop3', 'smtp'],
    );
    const texts = (name: string) => elements.filter(([tag]) => tag === name).map(([, text]) => text);
    assert.deepEqual(texts('port'), ['1993', '1995', '1587']);
    assert.deepEqual(texts('socketType'), ['SSL', 'SSL', 'STARTTLS']);
    assert.deepEqual(new Set(texts('hostname')), new Set(['mail.labo.example']));
    const nothing = parsed((await closed.client().get('/mail/config-v1.1.xml')).text);
    assert.ok(
      nothing.every(([tag]) => !tag.endsWith('Server')),
      'what is closed is not named',
    );
  });

  it('autodiscover answers a POST of Outlook, and says 600 to what it cannot read', async () => {
    const ask = (body: string, path = '/autodiscover/autodiscover.xml') =>
      site.client().request('POST', path, { 'content-type': 'text/xml' }, body);
    const request = `<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>anne@labo.example</EMailAddress></Request></Autodiscover>`;
    const answer = await ask(request, '/Autodiscover/Autodiscover.xml');
    const elements = parsed(answer.text);
    const texts = (name: string) => elements.filter(([tag]) => tag === name).map(([, text]) => text);
    assert.deepEqual(texts('Type'), ['IMAP', 'POP3', 'SMTP']);
    assert.deepEqual(texts('SSL'), ['on', 'on', 'off']);
    assert.deepEqual(texts('Encryption'), ['SSL', 'SSL', 'TLS']);
    assert.deepEqual(texts('LoginName'), Array(3).fill('anne@labo.example'));
    for (const bad of ['', '<x', '<EMailAddress>a b@c</EMailAddress>', '<EMailAddress>&xxe;@c</EMailAddress>']) {
      const refusal = await ask(bad);
      assert.equal(refusal.status, 200);
      assert.match(refusal.text, /<ErrorCode>600<\/ErrorCode>/);
    }
    assert.equal((await ask(`<EMailAddress>${'a'.repeat(20_000)}@b</EMailAddress>`)).status, 413);
  });

  it('a person is told what is theirs', async () => {
    const mine = async (name: string) => (await (await signedIn(name)).get('/api/setup/mine')).json<Mine>();
    interface Mine {
      readonly address: string;
      readonly incoming: readonly { readonly type: string }[];
      readonly outgoing: readonly { readonly type: string }[];
      readonly sendingFrom: string;
    }
    const anne = await mine('anne');
    assert.deepEqual(
      [anne.address, anne.incoming.map(({ type }) => type), anne.sendingFrom],
      ['anne@labo.example', ['imap'], 'everywhere'],
    );
    const tom = await mine('tom');
    assert.deepEqual(
      [tom.incoming.map(({ type }) => type), tom.outgoing.length, tom.sendingFrom],
      [['pop3'], 1, 'laboratory'],
    );
    assert.equal((await site.client().get('/api/setup/mine')).status, 401);
  });

  it('a profile for Apple holds everything but the password', async () => {
    const reply = await (await signedIn('tom')).get('/api/setup/mail.mobileconfig');
    assert.equal(reply.headers['content-type'], 'application/x-apple-aspen-config');
    const script = 'import sys,json,plistlib\nprint(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
    const profile = JSON.parse(
      execFileSync(program('python3'), ['-c', script], { input: reply.text, encoding: 'utf8' }),
    );
    const [mail] = profile.PayloadContent;
    assert.equal(mail.EmailAccountType, 'EmailTypePOP');
    assert.equal(mail.IncomingMailServerPortNumber, 1995);
    assert.equal(mail.OutgoingMailServerPortNumber, 1587);
    assert.equal(mail.EmailAccountName, 'Tom & <Co>');
    assert.ok(
      !/password/i.test(
        Object.keys(mail)
          .filter((key) => !key.endsWith('AsIncomingPassword'))
          .join(),
      ),
    );
    const again = await (await signedIn('tom')).get('/api/setup/mail.mobileconfig');
    assert.equal(again.text, reply.text, 'installed again it replaces the first');
    assert.equal(
      (await (await signedIn('robot').catch(() => site.client())).get('/api/setup/mail.mobileconfig')).status,
      401,
    );
  });

  it('the records of the zone name what is open, and say what is not', async () => {
    const records = await (await signedIn('boss')).get('/api/setup/dns');
    assert.match(records.text, /^_imaps\._tcp\.labo\.example\. IN SRV 0 1 1993 mail\.labo\.example\.$/m);
    assert.match(records.text, /^_submissions\._tcp\.labo\.example\. IN SRV 0 0 0 \.$/m);
    assert.match(records.text, /^_jmap\._tcp\.labo\.example\. IN SRV 0 1 8443 /m);
    assert.equal((await (await signedIn('anne')).get('/api/setup/dns')).status, 403);
    const none = dnsRecords({
      product: '',
      version: '',
      domain: 'd.example',
      host: 'h',
      selfSigned: true,
      doors: [],
      inside: [],
    });
    assert.ok(none.every((line) => line.endsWith(' IN SRV 0 0 0 .')));
  });
});
