import { BenchImap } from '../clients/imap.js';
import type { Run } from '../measure.js';

/** Ten concurrent clients, each: connect, LOGIN, LOGOUT, again. imaps: a full TLS handshake each time. */
export async function login(run: Run): Promise<void> {
  for (const [name, secure] of [
    ['login-imap', false],
    ['login-imaps', true],
  ] as const) {
    const once = async (loop: number) => {
      const client = await BenchImap.connect(run.target, secure);
      await client.login(run.target.user(4 + (loop % 7)), run.target.password);
      await client.logout();
    };
    for (let i = 0; i < 20; i++) await once(i);
    await run.rate(name, 'login/s', () => run.loop(10, once, 5000));
  }
}
