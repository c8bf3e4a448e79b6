/**
 * The file that Thunderbird and others ask for when somebody types an address (draft-ietf-mailmaint-autoconfig, format 1.1): at
 * `autoconfig.DOMAIN/mail/config-v1.1.xml` and `DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml`. It is the same for every
 * address, so that nobody learns from it who is here.
 */

import { type MailDoor, mailDoors } from '@vaguemestre/shared/mail-doors';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import { element, escapeXml } from './xml.js';

export function autoconfigXml(info: ServiceInfo): string {
  const { incoming, outgoing } = mailDoors(info);
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
<emailProvider id="${escapeXml(info.domain)}">
${element('domain', info.domain)}
${element('displayName', info.domain)}
${element('displayShortName', info.domain)}
${incoming.map((door) => server('incomingServer', door, info.host)).join('\n')}
${outgoing.map((door) => server('outgoingServer', door, info.host)).join('\n')}
</emailProvider>
</clientConfig>
`;
}

function server(name: string, { type, port, security }: MailDoor, host: string): string {
  // `SSL` is the name of TLS from the first octet there.
  const socket = security === 'tls' ? 'SSL' : 'STARTTLS';
  return `<${name} type="${type}">
${element('hostname', host)}
${element('port', port)}
${element('socketType', socket)}
<username>%EMAILADDRESS%</username>
<authentication>password-cleartext</authentication>
</${name}>`;
}
