import { spawn } from 'node:child_process';
import net from 'node:net';
import { type Run, sleep } from '../measure.js';
import { check, SkippedScenario } from '../target.js';

function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host);
    socket.once('data', (chunk) => {
      resolve(chunk.toString('latin1').startsWith('* OK'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** From the spawn of a second, empty instance to its IMAP greeting. */
export async function startup(run: Run): Promise<void> {
  const description = run.target.description.startup;
  if (!description) throw new SkippedScenario('no startup command');
  const start = performance.now();
  const child = spawn(description.command[0]!, description.command.slice(1), {
    stdio: 'ignore',
    env: { ...process.env, ...description.environment },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let greetedMs = Number.NaN;
  try {
    while (Number.isNaN(greetedMs)) {
      check(performance.now() - start < 60_000 && child.exitCode === null, 'startup: no greeting');
      if (await greets(run.target.host, description.port)) greetedMs = performance.now() - start;
      else await sleep(3);
    }
  } finally {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(killer);
  }
  run.row('startup', 'ms', greetedMs);
  await sleep(300);
}
