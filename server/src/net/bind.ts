/** Binds a server to an address as settings name it; a Unix socket is open to the service's user and group, not to everybody. */
import { chmod } from 'node:fs/promises';
import type { Server } from 'node:net';
import type { ListenAddress } from './address.js';

/** Rejects with the system's error when the address cannot be bound. */
export async function bindServer(server: Server, address: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const bound = (): void => {
      server.off('error', reject);
      resolve();
    };
    if (address.kind === 'unix') server.listen(address.path, bound);
    else if (address.host === undefined) server.listen(address.port, bound);
    else server.listen(address.port, address.host, bound);
  });
  if (address.kind === 'unix') await chmod(address.path, 0o660);
}

/** What it is bound to: with the port that the system chose for port 0. */
export function boundAddress(server: Server, wanted: ListenAddress): ListenAddress {
  const bound = server.address();
  if (wanted.kind === 'unix' || typeof bound !== 'object' || bound === null) return wanted;
  return { kind: 'tcp', host: wanted.host, port: bound.port };
}
