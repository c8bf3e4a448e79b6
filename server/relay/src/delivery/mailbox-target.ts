/** Where the mailbox service takes mail: as it is set, or the LMTP listener of this very process, known once it is open. */
import type { NextHop } from '@vaguemestre/server/config/transport';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { ListenAddress } from '@vaguemestre/server/net/address';
import type { ConnectTarget } from './connect.js';
import type { Login } from './session.js';

export interface Mailboxes {
  readonly target: ConnectTarget;
  readonly login: Login;
  listensAt(address: ListenAddress | undefined): void;
}

export function openMailboxes(set: NextHop | undefined, login: Login): Mailboxes {
  let target = set && targetOf(set);
  return {
    get target() {
      if (target === undefined) throw new MailError('unavailable', 'The mailbox service has not started yet');
      return target;
    },
    login,
    listensAt(address) {
      if (target !== undefined || address === undefined) return;
      target = address.kind === 'unix' ? { path: address.path } : beside(address);
    },
  };
}

function targetOf(hop: NextHop): ConnectTarget {
  if (hop.kind === 'socket') return { path: hop.path };
  if (hop.kind === 'host') return { host: hop.host, address: hop.host, port: hop.port };
  throw new MailError('invalid', 'relay-mailboxes names no host');
}

/** A listener on every address is on this machine's own as well. */
function beside({ host, port }: Extract<ListenAddress, { kind: 'tcp' }>): ConnectTarget {
  const address = host === undefined || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return { host: address, address, port };
}
