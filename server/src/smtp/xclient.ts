/** XCLIENT (Postfix XCLIENT_README): a trusted host says whom it speaks for. */
import { isIP } from 'node:net';
import { isAddressLiteral, isDomain } from '../codec/smtp/path.js';
import { reply, type SmtpReply } from '../codec/smtp/reply.js';
import type { XclientView } from './session-state.js';

/** In the order of Postfix, which is what clients were tested with. */
export const xclientAttributes = 'NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT';

const known: ReadonlySet<string> = new Set([...xclientAttributes.split(' '), 'REVERSE-NAME']);

/** The new view, or the reply that says what is wrong with an attribute. */
export function applyXclient(view: XclientView, attributes: ReadonlyMap<string, string>): XclientView | SmtpReply {
  let result: XclientView = view;
  for (const [name, value] of attributes) {
    if (!known.has(name)) return reply(501, '5.5.4', `XCLIENT attribute ${name} is not known`);
    const absent = value === '' || value.toUpperCase() === '[UNAVAILABLE]' || value.toUpperCase() === '[TEMPUNAVAIL]';
    switch (name) {
      case 'ADDR': {
        const { address: _, ...others } = result;
        const address = value.toUpperCase().startsWith('IPV6:') ? value.slice(5) : value;
        if (!absent && isIP(address) === 0) return reply(501, '5.5.4', 'XCLIENT ADDR takes an IP address');
        result = absent ? others : { ...others, address };
        break;
      }
      case 'NAME': {
        const { hostName: _, ...others } = result;
        if (!absent && !isDomain(value)) return reply(501, '5.5.4', 'XCLIENT NAME takes a host name');
        result = absent ? others : { ...others, hostName: value };
        break;
      }
      case 'HELO': {
        const { helo: _, ...others } = result;
        if (!absent && !isDomain(value) && !isAddressLiteral(value)) {
          return reply(501, '5.5.4', 'XCLIENT HELO takes a host name');
        }
        result = absent ? others : { ...others, helo: value };
        break;
      }
      // PORT, PROTO, LOGIN and the server's own address change nothing here.
    }
  }
  return result;
}
