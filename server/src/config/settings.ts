/**
 * Every setting there is, in the order `config --print` shows them. From one row follow the default, the key of the TOML
 * file (`listen-imap`, or `imap` in a table `[listen]`), the environment variable (`VAGUEMESTRE_LISTEN_IMAP`) and the flag
 * (`--listen-imap`).
 */
import { isTimeZone } from '../kernel/calendar.js';
import { GiB, KiB, MiB } from '../kernel/limits.js';
import { logLevels } from '../kernel/log.js';
import { choice, choices, duration, integer, type Kind, list, networks, optional, size, text } from './kinds.js';
import { listenAddress } from './listen-address.js';
import { tlsRules } from './tls-rules.js';
import { isDomainPattern, nextHop, transportTable } from './transport.js';

export interface Setting<T> {
  readonly kind: Kind<T>;
  /** As it would be written. */
  readonly initial: string;
  readonly says: string;
  /** Masked by `config --print`: a password may stand in it. */
  readonly secret?: true;
}

const setting = <T>(kind: Kind<T>, initial: string, says: string): Setting<T> => ({ kind, initial, says });
const listener = (initial: string, says: string) => setting(optional(listenAddress), initial, says);

/** A domain name by letters, digits and hyphens (RFC 5321 4.1.2); what is beyond ASCII is written as xn--. */
function isDomain(value: string): boolean {
  return (
    value.length <= 253 &&
    value.split('.').every((label) => label.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(label))
  );
}

/** The letters of Bech32 behind `age1`; whether the sum is right is found out at the start. */
const isAgeRecipient = (value: string): boolean => /^age1[02-9ac-hj-np-z]{58}$/.test(value);

export const settings = {
  data: setting(text('a folder'), './data', 'folder of everything that the service keeps'),
  'mongodb-uri': {
    ...setting(
      optional(text('a mongodb:// or mongodb+srv:// address', (uri) => /^mongodb(\+srv)?:\/\//.test(uri))),
      'off',
      'a MongoDB (4.4 or newer, replica set or sharded) in place of the embedded store',
    ),
    secret: true,
  },
  domain: setting(text('a domain name', isDomain), 'labo.example', 'mail domain of the laboratory'),
  hostname: setting(
    optional(text('a host name', isDomain)),
    'off',
    'name in greetings, Received fields and the self-signed certificate; the name of the machine by default',
  ),
  'time-zone': setting(
    text('a time zone such as Europe/Paris', isTimeZone),
    'Europe/Paris',
    'where days of the laboratory begin and end: end dates of accounts, warnings',
  ),
  'archive-folder': setting(
    optional(text('a folder')),
    'off',
    'where mailboxes of accounts that ended are archived; archives in the data folder by default',
  ),
  'archive-recipients': setting(
    list(text('an age recipient (age1...)', isAgeRecipient)),
    '',
    'public keys that archives are encrypted for; by default for a key that is made in the data folder',
  ),
  parts: setting(choices('mailbox', 'web', 'relay'), 'mailbox,web,relay', 'parts that run here'),
  workers: setting(
    optional(integer(1, 64)),
    'off',
    'processes that share the listeners; one per core, at most 4, by default',
  ),
  'listen-imap': listener('127.0.0.1:1143', 'IMAP with STARTTLS'),
  'listen-imaps': listener('0.0.0.0:1993', 'IMAP over TLS'),
  'listen-pop3': listener('127.0.0.1:1110', 'POP3 with STLS'),
  'listen-pop3s': listener('0.0.0.0:1995', 'POP3 over TLS'),
  'listen-pop3s-legacy': listener('off', 'POP3 over old TLS, laboratory zone only'),
  'listen-submissions-legacy': listener('off', 'submission over old TLS, laboratory zone only'),
  'listen-lmtp': listener('127.0.0.1:1024', 'hand-over from the relay'),
  'listen-smtp': listener('127.0.0.1:1025', 'the relay, for its declared upstreams'),
  'listen-internal': listener('off', "the relay, for the laboratory's own machines"),
  'listen-submission': listener('127.0.0.1:1587', 'authenticated submission with STARTTLS'),
  'listen-submissions': listener('0.0.0.0:1465', 'authenticated submission over TLS'),
  'listen-sieve': listener('127.0.0.1:4190', 'ManageSieve'),
  'listen-http': listener('127.0.0.1:8080', 'web pages and /healthz'),
  'listen-https': listener('0.0.0.0:8443', 'the same over TLS'),
  'listen-metrics': listener('127.0.0.1:9464', 'Prometheus metrics of all processes'),
  'tls-cert': setting(optional(text('a PEM file')), 'off', 'certificate with its chain; self-signed by default'),
  'tls-key': setting(optional(text('a PEM file')), 'off', 'private key of the certificate'),
  'zone-laboratory': setting(networks(), '', 'networks of the laboratory'),
  'zone-vpn': setting(networks(), '', 'networks of its VPN'),
  'pop3-clear': setting(choice('off', 'laboratory'), 'off', 'POP3 without TLS for whom it is allowed, in this zone'),
  'pop3-login-delay': setting(duration(0, 3_600_000), '0 ms', 'rest between two POP3 sessions of one person'),
  scram: setting(
    choice('on', 'off'),
    'off',
    'SCRAM-SHA-256 is offered; a program that knows it then needs an app password, whoever it belongs to',
  ),
  'intern-webmail': setting(choice('on', 'off'), 'on', 'interns may read their mail in the webmail'),
  'lmtp-peers': setting(networks(), '', 'networks that may deliver over LMTP, besides this machine'),
  'lmtp-trusted': setting(networks(), '', 'networks whose XCLIENT, ENVID and verdict are believed'),
  'lmtp-client-ca': setting(
    optional(text('a PEM file')),
    'off',
    'authority whose client certificates are trusted over LMTP with STARTTLS',
  ),
  'authserv-id': setting(
    optional(text('a name without spaces', (name) => /^[!-~]{1,253}$/.test(name))),
    'off',
    'name under which the relay writes Authentication-Results; without it nothing is said about who a message is from',
  ),
  'lmtp-secret': setting(
    optional(text('a file')),
    'off',
    'file with the secret of the hand-over, for a relay without the data folder of the mailbox service',
  ),
  'relay-mode': setting(
    choice('campus', 'direct'),
    'campus',
    'who may bring mail from outside: the declared upstreams, or everybody; the mode set by command goes before it',
  ),
  'relay-upstreams': setting(networks(), '', 'hosts that bring mail from outside: those of the campus, partners'),
  'relay-machines': setting(
    networks(),
    '',
    "the laboratory's machines, which send by the listener internal; zone-laboratory and this machine by default",
  ),
  'relay-xclient': setting(networks(), '', 'hosts in front of the relay whose XCLIENT is believed'),
  'relay-domains': setting(
    list(text('a domain or *.domain', isDomainPattern)),
    '',
    'domains whose mail ends here, besides the domain itself; *.domain for its machines',
  ),
  'relay-partners': setting(
    list(text('a domain or *.domain', isDomainPattern)),
    '',
    'domains of others for which this is a spare mail host: their mail is taken, kept, and brought to them',
  ),
  'relay-transports': setting(transportTable(), '', 'domains and addresses whose mail goes another way'),
  'relay-smart-host': setting(
    optional(nextHop('host')),
    'off',
    'takes all mail for outside, such as smtp:[relay.campus.example]:25',
  ),
  'relay-mailboxes': setting(
    optional(nextHop('host', 'socket')),
    'off',
    'the LMTP listener of the mailbox service, such as lmtp:[127.0.0.1]:1024; that of this process by default',
  ),
  'relay-masquerade': setting(
    choice('on', 'off'),
    'on',
    'senders at machines of the domain are shown as senders of the domain itself',
  ),
  'relay-exposed-users': setting(
    list(text('a name', (name) => /^[!-?A-~]{1,64}$/.test(name))),
    'root',
    'whose machine stays in the address all the same',
  ),
  'relay-dns': setting(
    list(text('an address or address:port', (server) => /^[0-9a-fA-F.:[\]]+$/.test(server))),
    '',
    "name servers to ask; the system's by default",
  ),
  'relay-families': setting(choices('4', '6'), '4,6', 'kinds of addresses of other hosts, in the order they are tried'),
  'relay-tls': setting(
    tlsRules(),
    '',
    'what TLS the way to a domain or host must have, such as partner.example=verify; may by default',
  ),
  'relay-smart-host-login': setting(
    optional(text('a file')),
    'off',
    'file with the login of the smart host: its user in the first line, the password in the second',
  ),
  'relay-give-up': setting(duration(60_000, 30 * 86_400_000), '5 d', 'after which a message that waits is returned'),
  'relay-warn-after': setting(duration(60_000, 30 * 86_400_000), '4 h', 'after which a sender is told that it waits'),
  'relay-spool-size': setting(
    size(1 * MiB, 1024 * GiB),
    '1 GiB',
    'what the relay accepts onto its disk while the store is away',
  ),
  'relay-spool-messages': setting(integer(10, 10_000_000), '10000', 'messages that it accepts so'),
  'proxy-from': setting(networks(), '', 'load balancers whose PROXY header names the real client'),
  'max-message': setting(size(64 * KiB, 2 * GiB), '64 MiB', 'largest message'),
  'max-connections-per-account': setting(integer(1, 10_000), '60', 'connections of one person for each protocol'),
  'view-budget': setting(
    size(8 * MiB, 64 * GiB),
    '128 MiB',
    'memory of one process for mailboxes it holds ready; with those in use at most 2.5 times as much',
  ),
  'stop-grace': setting(duration(0, 60_000), '10 s', 'time that running commands get at a stop'),
  'log-level': setting(choice(...logLevels), 'info', 'least severe message that is logged'),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof settings;
type ValueOf<S> = S extends Setting<infer T> ? T : never;
export type SettingValues = { readonly [K in SettingKey]: ValueOf<(typeof settings)[K]> };

export const settingKeys = Object.keys(settings) as readonly SettingKey[];

export const environmentName = (key: string): string => `VAGUEMESTRE_${key.toUpperCase().replaceAll('-', '_')}`;
