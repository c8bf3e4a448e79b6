/**
 * What Outlook asks for ([MS-OXDSCLI], the schema `outlook/responseschema/2006a`): a POST with the address, answered with one block a
 * protocol. The same for every address, as autoconfig is.
 */

import { type MailDoor, mailDoors } from '@vaguemestre/shared/mail-doors';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import { element } from './xml.js';

const request = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const response = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const maxAddressCharacters = 320;

/** The address in a request; undefined when there is none. Looks for the one element it needs: no entity is ever expanded. */
export function askedAddress(xml: string): string | undefined {
  const start = xml.indexOf('<EMailAddress>');
  const end = start < 0 ? -1 : xml.indexOf('</EMailAddress>', start);
  if (end < 0) return undefined;
  const text = xml.slice(start + '<EMailAddress>'.length, end).trim();
  return text.length <= maxAddressCharacters && /^[^\s<>&"]+@[^\s<>&"]+$/.test(text) ? text : undefined;
}

export function autodiscoverXml(info: ServiceInfo, address: string): string {
  const { incoming, outgoing } = mailDoors(info);
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${request}">
<Response xmlns="${response}">
<Account>
<AccountType>email</AccountType>
<Action>settings</Action>
${[...incoming, ...outgoing].map((door) => protocol(door, info.host, address)).join('\n')}
</Account>
</Response>
</Autodiscover>
`;
}

/** Error 600: the request was not understood. */
export function autodiscoverError(now: Date): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${request}">
<Response>
<Error Time="${now.toISOString().slice(11, 19)}" Id="0">
<ErrorCode>600</ErrorCode>
<Message>Invalid Request</Message>
<DebugData/>
</Error>
</Response>
</Autodiscover>
`;
}

function protocol({ type, port, security }: MailDoor, host: string, address: string): string {
  return `<Protocol>
${element('Type', type.toUpperCase())}
${element('Server', host)}
${element('Port', port)}
<DomainRequired>off</DomainRequired>
${element('LoginName', address)}
<SPA>off</SPA>
${element('SSL', security === 'tls' ? 'on' : 'off')}
${element('Encryption', security === 'tls' ? 'SSL' : 'TLS')}
<AuthRequired>on</AuthRequired>${type === 'smtp' ? '\n<UsePOPAuth>off</UsePOPAuth>\n<SMTPLast>off</SMTPLast>' : ''}
</Protocol>`;
}
