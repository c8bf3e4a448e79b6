/**
 * Before a message to the mailbox service: whom it came from, by XCLIENT (Postfix XCLIENT_README), which that service believes from
 * this relay. XCLIENT begins the session anew, so the greeting is read and LHLO said again.
 */
import type { Attempt } from './deliverer.js';
import { asTrouble, HostTrouble } from './remote-reply.js';
import { ask, type HostSession, type SessionParts, sayHello } from './session.js';

/** False: the session is of no more use. Where XCLIENT is not taken nothing is said. */
export async function introduce(
  session: HostSession,
  client: Attempt['client'],
  parts: Pick<SessionParts, 'hostname' | 'timeouts'>,
): Promise<boolean> {
  const { connection, extensions } = session;
  if (!extensions.xclient.has('ADDR')) return true;
  const attribute = (name: string, value: string | undefined): string => {
    if (!extensions.xclient.has(name)) return '';
    return ` ${name}=${value === undefined || !isPlain(value) ? '[UNAVAILABLE]' : value}`;
  };
  const address = client?.address?.includes(':') === true ? `IPV6:${client.address}` : client?.address;
  try {
    const attributes = `${attribute('ADDR', address)}${attribute('NAME', client?.hostName)}${attribute('HELO', client?.helo)}`;
    const answer = await ask(connection, `XCLIENT${attributes}`, parts.timeouts.commandMs);
    if (answer.code === 220) {
      const hello = await sayHello(connection, session.protocol, parts);
      if ('code' in hello) return false;
      session.extensions = hello;
      return true;
    }
    // Refused: the message goes on without.
    return answer.code !== 421;
  } catch (error) {
    const trouble = asTrouble(error);
    if (!(trouble instanceof HostTrouble)) throw error;
    connection.destroy('failed');
    return false;
  }
}

/** Printable ASCII without what XCLIENT would want encoded. */
function isPlain(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code <= 0x20 || code > 0x7e || code === 0x2b || code === 0x3d) return false;
  }
  return value !== '';
}
