/** A wire between a client and a server that breaks: after so many octets from the server both ends see the connection go. */
import net from 'node:net';

export interface CutConnection {
  readonly port: number;
  /** How many connections were cut. */
  cuts(): number;
  close(): Promise<void>;
}

export async function cutConnection(toPort: number, afterBytes: number): Promise<CutConnection> {
  const sockets = new Set<net.Socket>();
  let cuts = 0;
  const server = net.createServer((client) => {
    const upstream = net.connect(toPort, '127.0.0.1');
    let left = afterBytes;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (octets) => upstream.write(octets));
    upstream.on('data', (octets: Buffer) => {
      left -= octets.length;
      if (left > 0) client.write(octets);
      else if (!client.destroyed) {
        cuts++;
        client.end(octets.subarray(0, octets.length + left), cut);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
