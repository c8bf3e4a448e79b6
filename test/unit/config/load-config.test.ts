import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { showConfig } from '@vaguemestre/server/config/config';
import { ConfigError, loadConfig, suggestion } from '@vaguemestre/server/config/load-config';
import { environmentName, settingKeys, settings } from '@vaguemestre/server/config/settings';
import { takeFlags } from '@vaguemestre/server/config/take-flags';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'vaguemestre-config-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function load(options: { flags?: string[]; environment?: Record<string, string>; file?: string }) {
  const args = [...(options.flags ?? [])];
  if (options.file !== undefined) {
    const file = join(folder, 'settings.toml');
    writeFileSync(file, options.file);
    args.push('--config', file);
  }
  return loadConfig({ flags: takeFlags(args).flags, environment: options.environment ?? {} });
}

function problems(options: Parameters<typeof load>[0]): readonly string[] {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('stands on defaults alone', () => {
    const config = load({});
    assert.deepEqual(config.listen.imaps, { kind: 'tcp', host: '0.0.0.0', port: 1993 });
    assert.equal(config.listen['pop3s-legacy'], undefined);
    assert.equal(config.values['max-message'], 64 * 1024 * 1024);
    assert.equal(config.values['mongodb-uri'], undefined);
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.values) && Object.isFrozen(config.listen));
  });

  // Another valid value than the default for every setting: each must arrive by file, environment and flag.
  const others: Record<string, [written: string, shown: string, weak?: string]> = {
    data: ['/srv/mail', '/srv/mail'],
    'mongodb-uri': ['mongodb://db.example/mail', 'mongodb://db.example/mail'],
    domain: ['physique.example', 'physique.example'],
    hostname: ['mail.physique.example', 'mail.physique.example'],
    parts: ['mailbox, web', 'mailbox,web'],
    workers: ['3', '3'],
    'tls-cert': ['a.pem', 'a.pem'],
    'tls-key': ['b.pem', 'b.pem'],
    'zone-laboratory': ['192.0.2.0/24,2001:db8::/32', '192.0.2.0/24,2001:db8::/32'],
    'zone-vpn': ['198.51.100.7', '198.51.100.7'],
    'pop3-clear': ['laboratory', 'laboratory'],
    scram: ['on', 'on'],
    'intern-webmail': ['off', 'off'],
    'lmtp-peers': ['192.0.2.1', '192.0.2.1'],
    'lmtp-trusted': ['192.0.2.2/32', '192.0.2.2/32'],
    'lmtp-client-ca': ['ca.pem', 'ca.pem'],
    'authserv-id': ['relay.labo.example', 'relay.labo.example'],
    'time-zone': ['America/Cayenne', 'America/Cayenne'],
    'archive-folder': ['/archives', '/archives'],
    'archive-recipients': [
      'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
      'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
    ],
    'proxy-from': ['::1', '::1'],
    'lmtp-secret': ['secret', 'secret'],
    'relay-mode': ['direct', 'direct'],
    'relay-upstreams': ['192.0.2.3', '192.0.2.3'],
    'relay-machines': ['192.0.2.4', '192.0.2.4'],
    'relay-xclient': ['192.0.2.5', '192.0.2.5'],
    'relay-domains': ['*.labo.example, autre.example', '*.labo.example,autre.example', 'x.example'],
    'relay-partners': ['sigma.example', 'sigma.example', 'x.example'],
    'relay-transports': [
      'lists.labo.example=smtp:[lists.labo.example], *.x.example=lmtp:/run/x,joe@y.example=error:550 5.7.1 Gone',
      'lists.labo.example=smtp:[lists.labo.example]:25,*.x.example=lmtp:/run/x,joe@y.example=error:550 5.7.1 Gone',
      'x.example=discard',
    ],
    'relay-smart-host': ['smtp:relay.campus.example', 'smtp:relay.campus.example:25'],
    'relay-mailboxes': ['lmtp:[::1]:1024', 'lmtp:[::1]:1024'],
    'relay-masquerade': ['off', 'off'],
    'relay-exposed-users': ['root,www-data', 'root,www-data'],
    'relay-dns': ['127.0.0.1:53', '127.0.0.1:53', '192.0.2.53'],
    'relay-families': ['6,4', '6,4'],
    'relay-tls': ['ami.example=verify, *=encrypt', 'ami.example=verify,*=encrypt', 'x.example=none'],
    'relay-smart-host-login': ['/etc/smart-host', '/etc/smart-host'],
    'relay-give-up': ['3 d', '3 d'],
    'relay-warn-after': ['2 h', '2 h'],
    'relay-spool-size': ['2 GiB', '2 GiB'],
    'relay-spool-messages': ['500', '500'],
    'max-message': ['1.5M', '1536 KiB'],
    'max-connections-per-account': ['7', '7'],
    'view-budget': ['1 GiB', '1 GiB'],
    'pop3-login-delay': ['2 s', '2 s'],
    'stop-grace': ['1500 ms', '1500 ms'],
    'log-level': ['debug', 'debug'],
  };

  for (const key of settingKeys) {
    const [written, shown, other = '203.0.113.0/24'] = others[key] ?? ['127.0.0.1:9', '127.0.0.1:9'];
    // A certificate needs its key beside it.
    const pair = key === 'tls-cert' ? '--tls-key=k.pem' : key === 'tls-key' ? '--tls-cert=c.pem' : undefined;
    const beside = pair === undefined ? [] : [pair];

    it(`takes ${key} from file, environment and flag, in that order`, () => {
      assert.ok(key in others || key.startsWith('listen-'), 'the test table must know every setting');
      const shownBy = (config: ReturnType<typeof load>) => {
        const row = showConfig(config).find((one) => one.key === key);
        return [row?.value, row?.origin.from];
      };
      const file = `${key} = ${JSON.stringify(written)}\n`;
      const name = environmentName(key);
      const initial = settings[key].initial;
      assert.deepEqual(shownBy(load({ file, flags: beside })), [shown, 'file']);
      assert.deepEqual(shownBy(load({ environment: { [name]: written }, flags: beside })), [shown, 'environment']);
      assert.deepEqual(shownBy(load({ flags: [`--${key}`, written, ...beside] })), [shown, 'flag']);
      assert.deepEqual(shownBy(load({ flags: [`--${key}=${written}`, ...beside] })), [shown, 'flag']);
      // The stronger source wins, whatever the weaker says.
      const weak = key.startsWith('tls-') ? 'weak.pem' : initial === '' ? other : initial;
      assert.deepEqual(
        shownBy(load({ file: `${key} = ${JSON.stringify(weak)}\n`, environment: { [name]: written }, flags: beside })),
        [shown, 'environment'],
      );
      assert.deepEqual(shownBy(load({ environment: { [name]: weak }, flags: [`--${key}=${written}`, ...beside] })), [
        shown,
        'flag',
      ]);
    });
  }

  it('reads tables of the file as prefixes', () => {
    const config = load({
      file: '[listen]\nimap = "off"\nimaps = ":993"\n[zone]\nlaboratory = ["192.0.2.0/24", "::1"]\n',
    });
    assert.equal(config.listen.imap, undefined);
    assert.deepEqual(config.listen.imaps, { kind: 'tcp', host: undefined, port: 993 });
    assert.deepEqual(config.values['zone-laboratory'], ['192.0.2.0/24', '::1']);
  });

  it('knows every form of a listen address', () => {
    const address = (written: string) => load({ environment: { VAGUEMESTRE_LISTEN_LMTP: written } }).listen.lmtp;
    assert.deepEqual(address(':24'), { kind: 'tcp', host: undefined, port: 24 });
    assert.deepEqual(address('[::1]:0'), { kind: 'tcp', host: '::1', port: 0 });
    assert.deepEqual(address('mail.example:24'), { kind: 'tcp', host: 'mail.example', port: 24 });
    assert.deepEqual(address('/run/vaguemestre/lmtp'), { kind: 'unix', path: '/run/vaguemestre/lmtp' });
    assert.equal(address('off'), undefined);
  });

  const bad: [what: string, options: Parameters<typeof load>[0], message: RegExp][] = [
    [
      'a port too high',
      { environment: { VAGUEMESTRE_LISTEN_IMAP: ':70000' } },
      /^listen-imap \(from VAGUEMESTRE_LISTEN_IMAP\) must be host:port/,
    ],
    [
      'an address without port',
      { flags: ['--listen-http=localhost'] },
      /^listen-http \(from --listen-http\) must be host:port/,
    ],
    ['a bracketed name', { flags: ['--listen-http=[mail]:80'] }, /^listen-http/],
    ['a socket path too long', { flags: [`--listen-lmtp=/${'x'.repeat(100)}`] }, /^listen-lmtp .*at most 100 octets/],
    [
      'an unknown environment variable',
      { environment: { VAGUEMESTRE_DOMIAN: 'x' } },
      /^VAGUEMESTRE_DOMIAN .* is no setting; did you mean VAGUEMESTRE_DOMAIN\?$/,
    ],
    [
      'an unknown key of the file',
      { file: '[listen]\nimapz = "off"\n' },
      /^listen-imapz \(from .*settings\.toml\) is no setting; did you mean listen-imap/,
    ],
    ['a file that is no TOML', { file: 'domain = \n' }, /^config \(.*settings\.toml\) is no TOML/],
    [
      'a file that is not there',
      { flags: ['--config', '/nonexistent.toml'] },
      /^config \(\/nonexistent\.toml\) does not exist$/,
    ],
    ['a flag without value', { flags: ['--domain'] }, /^domain \(from --domain\) has no value$/],
    [
      'a relay without mailboxes',
      { flags: ['--parts=relay'] },
      /^parts \(from --parts\) has the relay without the mailbox service: relay-mailboxes must say where its LMTP listener is$/,
    ],
    ['no domain', { flags: ['--domain=la bo'] }, /^domain \(from --domain\) must be a domain name, not "la bo"$/],
    ['a size without sense', { flags: ['--max-message=64 parsecs'] }, /^max-message .*must be a size/],
    ['a size too small', { flags: ['--max-message=1'] }, /^max-message .*from 64 KiB to 2 GiB/],
    ['a time without unit', { flags: ['--stop-grace=10'] }, /^stop-grace .*must be a time/],
    ['no network', { flags: ['--zone-vpn=192.0.2.0/33'] }, /^zone-vpn .*"192\.0\.2\.0\/33" is not a network/],
    ['a network of another kind', { file: 'zone-vpn = [1]\n' }, /^zone-vpn .*"1" is not a network/],
    ['a table where a value belongs', { file: 'domain = ["a"]\n' }, /^domain .*must be a domain name/],
    ['an unknown part', { flags: ['--parts=mailbox,fax'] }, /^parts .*must be one of mailbox, web, relay/],
    ['no workers', { flags: ['--workers=0'] }, /^workers .*whole number from 1 to 64/],
    ['half a worker', { file: 'workers = 1.5\n' }, /^workers .*whole number/],
    [
      'a certificate without key',
      { flags: ['--tls-cert=a.pem'] },
      /^tls-cert \(from --tls-cert\) needs tls-key beside it$/,
    ],
    [
      'an address that is no MongoDB',
      { environment: { VAGUEMESTRE_MONGODB_URI: 'postgres://u:secret@h' } },
      /^mongodb-uri \(from VAGUEMESTRE_MONGODB_URI\) must be a mongodb/,
    ],
  ];
  for (const [what, options, message] of bad) {
    it(`refuses ${what} in one sentence`, () => {
      const found = problems(options);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', message);
      assert.doesNotMatch(found[0] ?? '', /\n|secret/);
    });
  }

  it('reports every fault at once', () => {
    const found = problems({ flags: ['--workers=x', '--domain=-'], environment: { VAGUEMESTRE_NOPE: '1' } });
    assert.equal(found.length, 3);
  });

  it('masks a password', () => {
    const config = load({ flags: ['--mongodb-uri=mongodb://mail:geheim@db.example/mail'] });
    const shown = showConfig(config).find((row) => row.key === 'mongodb-uri')?.value;
    assert.equal(shown, 'mongodb://mail:***@db.example/mail');
  });

  it('leaves the rest of a command line to its command', () => {
    const { flags, rest } = takeFlags([
      'user',
      'add',
      '--data',
      '/d',
      'a@b.example',
      '--role=intern',
      '--',
      '--data',
      'x',
    ]);
    assert.deepEqual([...flags], [['data', '/d']]);
    assert.deepEqual(rest, ['user', 'add', 'a@b.example', '--role=intern', '--', '--data', 'x']);
  });

  it('leaves the variables of the tests alone', () => {
    assert.deepEqual(problems({ environment: { VAGUEMESTRE_TEST_CORPUS: 'x', VAGUEMESTRE_MONGODB_SPECS: 'y' } }), []);
  });

  it('suggests only what is near', () => {
    assert.equal(suggestion('domian', ['domain', 'data']), '; did you mean domain?');
    assert.equal(suggestion('something', ['domain', 'data']), '');
  });
});
