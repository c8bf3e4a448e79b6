/**
 * A configuration profile for Mail on Apple's systems (payload `com.apple.mail.managed`): everything but the password, which the
 * telephone asks for. Not signed: the system says so when it is installed.
 */
import { createHash } from 'node:crypto';
import type { MailDoor, MailDoors } from '@vaguemestre/shared/mail-doors';
import { escapeXml } from './xml.js';

export interface AppleProfileOptions {
  readonly domain: string;
  readonly host: string;
  readonly address: string;
  readonly name: string;
  readonly doors: MailDoors;
}

/** Undefined: the person has no door that reads mail. */
export function appleProfile({ domain, host, address, name, doors }: AppleProfileOptions): string | undefined {
  const [incoming] = doors.incoming;
  const [outgoing] = doors.outgoing;
  if (incoming === undefined) return undefined;
  const identifier = `${domain.split('.').reverse().join('.')}.vaguemestre`;
  const mail: Value = {
    PayloadType: 'com.apple.mail.managed',
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.mail`,
    PayloadUUID: uuid(`${address} mail`),
    PayloadDisplayName: address,
    EmailAccountDescription: domain,
    EmailAccountName: name === '' ? address : name,
    EmailAccountType: incoming.type === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP',
    EmailAddress: address,
    ...server('Incoming', incoming, host, address),
    ...(outgoing === undefined ? {} : server('Outgoing', outgoing, host, address)),
    OutgoingPasswordSameAsIncomingPassword: true,
  };
  const profile: Value = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuid(address),
    PayloadDisplayName: domain,
    PayloadOrganization: domain,
    PayloadContent: [mail],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${written(profile)}
</plist>
`;
}

function server(
  way: 'Incoming' | 'Outgoing',
  { port }: MailDoor,
  host: string,
  address: string,
): Readonly<Record<string, Value>> {
  return {
    [`${way}MailServerAuthentication`]: 'EmailAuthPassword',
    [`${way}MailServerHostName`]: host,
    [`${way}MailServerPortNumber`]: port,
    [`${way}MailServerUseSSL`]: true,
    [`${way}MailServerUsername`]: address,
  };
}

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** Property list, XML form. */
function written(value: Value): string {
  if (typeof value === 'string') return `<string>${escapeXml(value)}</string>`;
  if (typeof value === 'number') return `<integer>${value}</integer>`;
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  if (isList(value)) return `<array>\n${value.map(written).join('\n')}\n</array>`;
  const entries = Object.entries(value).map(([key, one]) => `<key>${escapeXml(key)}</key>\n${written(one)}`);
  return `<dict>\n${entries.join('\n')}\n</dict>`;
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** The same for the same person, so that a profile installed again replaces the first (RFC 9562 5.8: bits of our own making). */
function uuid(text: string): string {
  const octets = createHash('sha256').update(`vaguemestre profile ${text}`).digest().subarray(0, 16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x80;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = octets.toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
