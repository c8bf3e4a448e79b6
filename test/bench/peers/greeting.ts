import net from 'node:net';
import { sleep } from '../measure.js';

/** Waits until a server on loopback says something on `port`. */
export async function waitForGreeting(port: number, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    const greeted = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.setTimeout(1000, () => {
        socket.destroy();
        resolve(false);
      });
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (greeted) return;
    await sleep(50);
  }
  throw new Error(`nothing greets on port ${port}`);
}
