import { BenchPop3 } from '../clients/pop3.js';
import { maildrop, maildropOctets } from '../mail/maildrop.js';
import { type Run, range } from '../measure.js';
import { checkEqual, SkippedScenario } from '../target.js';

const atOnce = 50;

/** Logins of ten people, then a maildrop of 2,000 messages: each RETR after the other, and 50 at a time. */
export async function pop3(run: Run): Promise<void> {
  const { target } = run;
  if (target.ports.pop3 === undefined) throw new SkippedScenario('no POP3');
  const login = async (user: number): Promise<BenchPop3> =>
    (await BenchPop3.connect(target)).login(target.user(user), target.password);
  for (let i = 0; i < 20; i++) await (await login(4 + (i % 7))).quit();
  // One session of a person at a time: each loop has a person of its own.
  await run.rate('pop3-login', 'login/s', () => run.loop(10, async (loop) => (await login(211 + loop)).quit(), 5000));
  for (const name of ['pop3-retr', 'pop3-retr-pipe'] as const) {
    const client = await login(maildrop.user);
    let octets = 0;
    const timed = await run.timed(async () => {
      const { line } = await client.command('STAT');
      checkEqual(Number(line.split(' ')[1]), maildrop.count, 'pop3: messages (run load first)');
      await client.command('UIDL', true);
      const numbers = range(1, maildrop.count);
      if (name === 'pop3-retr')
        for (const number of numbers) octets += (await client.command(`RETR ${number}`, true)).octets;
      else {
        for (let i = 0; i < numbers.length; i += atOnce) {
          const some = numbers.slice(i, i + atOnce).map((number) => `RETR ${number}`);
          for (const answer of await client.pipeline(some)) octets += answer.octets;
        }
      }
      return maildrop.count;
    });
    checkEqual(octets, maildropOctets(), `${name}: octets`);
    run.row(name, 'MB/s', octets / 1e6 / (timed.wallMs / 1000), timed);
    await client.quit();
  }
}
