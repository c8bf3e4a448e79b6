/** A name server on this machine (RFC 1035 section 4) that knows a few names and counts the questions. */
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

export interface NameServer {
  /** As resolvers are named. */
  readonly address: string;
  /** IPv4 addresses by name; what is not there is NXDOMAIN. Undefined: no answer at all. */
  readonly names: Map<string, readonly string[] | undefined>;
  readonly asked: string[];
  close(): Promise<void>;
}

const typeA = 1;

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  const names = new Map<string, readonly string[] | undefined>();
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const type = query.readUInt16BE(at + 1);
    asked.push(name);
    if (names.has(name) && names.get(name) === undefined) return;
    const addresses = type === typeA ? (names.get(name) ?? []) : [];
    const head = Buffer.from(query.subarray(0, at + 5));
    // A response, recursion available, and NXDOMAIN if there is no such name.
    head.writeUInt16BE(0x8180 | (names.has(name) ? 0 : 3), 2);
    head.writeUInt16BE(addresses.length, 6);
    head.fill(0, 8, 12);
    const records = addresses.map((address) => {
      const record = Buffer.from('c00c00010001000000000004', 'hex');
      return Buffer.concat([record, Buffer.from(address.split('.').map(Number))]);
    });
    socket.send(Buffer.concat([head, ...records]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    names,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
