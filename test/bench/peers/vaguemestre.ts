import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launcher } from '../../harness/running-service.js';
import { sleep } from '../measure.js';
import type { TargetDescription } from '../target.js';
import { benchUsers, userName } from './bench-users.js';
import { waitForGreeting } from './greeting.js';

const help = `This service as a target of the bench, on a folder of its own.

  node test/dist/bench/peers/vaguemestre.js start   --dir D [--base-port 23000] [--workers 2] [--mongodb-uri URI]
  node test/dist/bench/peers/vaguemestre.js restart --dir D
  node test/dist/bench/peers/vaguemestre.js stop    --dir D

start writes D/target.json.
`;

type Environment = Readonly<Record<string, string>>;
const pidFile = (folder: string) => join(folder, 'service.pid');

function environmentOf(folder: string, basePort: number, workers: string, uri: string | undefined): Environment {
  const off = Object.fromEntries(
    ['POP3S', 'SMTP', 'SUBMISSION', 'SUBMISSIONS', 'SIEVE', 'HTTPS', 'METRICS'].map((name) => [
      `VAGUEMESTRE_LISTEN_${name}`,
      'off',
    ]),
  );
  return {
    ...off,
    VAGUEMESTRE_DATA: join(folder, 'data'),
    VAGUEMESTRE_DOMAIN: benchUsers.domain,
    VAGUEMESTRE_LISTEN_IMAP: `127.0.0.1:${basePort + 143}`,
    VAGUEMESTRE_LISTEN_IMAPS: `127.0.0.1:${basePort + 193}`,
    VAGUEMESTRE_LISTEN_POP3: `127.0.0.1:${basePort + 110}`,
    VAGUEMESTRE_LISTEN_LMTP: `127.0.0.1:${basePort + 24}`,
    VAGUEMESTRE_LISTEN_HTTP: `127.0.0.1:${basePort + 80}`,
    VAGUEMESTRE_MAX_CONNECTIONS_PER_ACCOUNT: '1000',
    // The relay has no counterpart in the rows.
    VAGUEMESTRE_PARTS: 'mailbox,web',
    VAGUEMESTRE_WORKERS: workers,
    ...(uri === undefined ? {} : { VAGUEMESTRE_MONGODB_URI: uri }),
  };
}

const environmentIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'environment.json'), 'utf8')) as Environment;

function runningPid(folder: string): number | undefined {
  if (!existsSync(pidFile(folder))) return undefined;
  const pid = Number(readFileSync(pidFile(folder), 'utf8'));
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? undefined : pid;
}

async function launch(folder: string): Promise<void> {
  const environment = environmentIn(folder);
  const log = openSync(join(folder, 'service.log'), 'a');
  const child = spawn(process.execPath, [launcher, 'serve'], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...environment },
  });
  closeSync(log);
  child.unref();
  writeFileSync(pidFile(folder), String(child.pid));
  await waitForGreeting(Number(environment['VAGUEMESTRE_LISTEN_IMAP']!.split(':')[1]), 30_000);
  await waitForGreeting(Number(environment['VAGUEMESTRE_LISTEN_LMTP']!.split(':')[1]), 30_000);
}

async function halt(folder: string): Promise<void> {
  const pid = runningPid(folder);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  for (let i = 0; i < 400 && runningPid(folder) === pid; i++) await sleep(50);
  rmSync(pidFile(folder), { force: true });
}

async function start(folder: string, basePort: number, workers: string, uri: string | undefined): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const environment = environmentOf(folder, basePort, workers, uri);
  writeFileSync(join(folder, 'environment.json'), JSON.stringify(environment));
  await launch(folder);
  const rows = ['address,password,role,allow'];
  for (let i = 1; i <= benchUsers.count; i++)
    rows.push(`${userName(i)}@${benchUsers.domain},${benchUsers.password},permanent,pop3`);
  const file = join(folder, 'users.csv');
  writeFileSync(file, `${rows.join('\n')}\n`);
  const imported = spawnSync(process.execPath, [launcher, 'user', 'import', file], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  // people who are there already from an earlier start are reported, and are no failure here
  if (imported.status !== 0 && !/exist/i.test(imported.stdout + imported.stderr)) {
    throw new Error(imported.stdout + imported.stderr);
  }
  const second = environmentOf(join(folder, 'startup'), basePort + 200, '1', undefined);
  mkdirSync(join(folder, 'startup'), { recursive: true });
  const target: TargetDescription = {
    name: 'vaguemestre',
    version: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
    settings: { workers, store: uri === undefined ? 'embedded' : 'mongodb', scheme: 'argon2id' },
    host: '127.0.0.1',
    ports: { imap: basePort + 143, imaps: basePort + 193, lmtp: basePort + 24, pop3: basePort + 110 },
    users: benchUsers,
    pidFiles: [pidFile(folder)],
    restart: [process.execPath, resolve(process.argv[1]!), 'restart', '--dir', folder],
    startup: { command: [process.execPath, launcher, 'serve'], environment: second, port: basePort + 343 },
  };
  writeFileSync(join(folder, 'target.json'), JSON.stringify(target, null, 2));
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: 'string' },
    'base-port': { type: 'string', default: '23000' },
    workers: { type: 'string', default: '2' },
    'mongodb-uri': { type: 'string' },
  },
});
const verb = positionals[0];
if (values.dir === undefined || !verb) console.log(help);
else {
  const folder = resolve(values.dir);
  if (verb === 'start') await start(folder, Number(values['base-port']), values.workers, values['mongodb-uri']);
  else if (verb === 'restart') {
    await halt(folder);
    await launch(folder);
  } else if (verb === 'stop') await halt(folder);
  else console.log(help);
}
