import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sleep } from '../measure.js';
import type { TargetDescription } from '../target.js';
import { benchUsers, userName } from './bench-users.js';
import { type DovecotPorts, dovecotConfig, mailUid } from './dovecot-config.js';
import { waitForGreeting } from './greeting.js';

const help = `A private Dovecot (Debian's dovecot-imapd and dovecot-lmtpd) as peer of a bench. Needs root, touches nothing of the system's own.

  node test/dist/bench/peers/dovecot.js start   --dir D [--base-port 21000]
  node test/dist/bench/peers/dovecot.js restart --dir D
  node test/dist/bench/peers/dovecot.js stop    --dir D

start writes D/target.json. While it runs, fs.inotify.max_user_instances is raised to 4096 (an IDLE takes one).
`;

const inotifyLimit = '/proc/sys/fs/inotify/max_user_instances';

interface State {
  readonly ports: DovecotPorts;
  readonly inotifyBefore: string;
}

const stateOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as State;
const pidFile = (folder: string) => join(folder, 'run', 'master.pid');

function isRunning(folder: string): number | undefined {
  if (!existsSync(pidFile(folder))) return undefined;
  const pid = Number(readFileSync(pidFile(folder), 'utf8'));
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  // a zombie that nobody reaps counts as gone
  return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? undefined : pid;
}

function lay(folder: string, instance: string, ports: DovecotPorts): void {
  for (const name of ['mail', 'run', 'state']) mkdirSync(join(folder, name), { recursive: true });
  chmodSync(folder, 0o755);
  chownSync(join(folder, 'mail'), mailUid, mailUid);
  if (!existsSync(join(folder, 'cert.pem'))) {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', ...key, '-subj', '/CN=localhost', ...files], { stdio: 'ignore' });
  }
  const hash = execFileSync('openssl', ['passwd', '-6', benchUsers.password], { encoding: 'utf8' }).trim();
  let users = '';
  for (let i = 1; i <= benchUsers.count; i++) users += `${userName(i)}:{SHA512-CRYPT}${hash}::::::\n`;
  writeFileSync(join(folder, 'users'), users);
  writeFileSync(join(folder, 'dovecot.conf'), dovecotConfig(folder, instance, ports, benchUsers.domain));
}

async function launch(folder: string, ports: DovecotPorts): Promise<void> {
  // into a file, not a pipe: the daemon keeps it open, and a pipe would keep spawnSync waiting
  const output = openSync(join(folder, 'start.out'), 'w');
  const done = spawnSync('dovecot', ['-c', join(folder, 'dovecot.conf')], { stdio: ['ignore', output, output] });
  closeSync(output);
  if (done.status !== 0) throw new Error(`dovecot did not start: ${readFileSync(join(folder, 'start.out'), 'utf8')}`);
  await waitForGreeting(ports.imap, 10_000);
  await waitForGreeting(ports.lmtp, 10_000);
}

async function halt(folder: string): Promise<void> {
  const pid = isRunning(folder);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  for (let i = 0; i < 200 && isRunning(folder) === pid; i++) await sleep(50);
}

async function start(folder: string, basePort: number): Promise<void> {
  const pop3 = existsSync('/usr/lib/dovecot/pop3') ? { pop3: basePort + 110 } : {};
  const ports = { imap: basePort + 143, imaps: basePort + 193, lmtp: basePort + 24, ...pop3 };
  lay(folder, `bench-${basePort}`, ports);
  // a second, empty instance that the startup scenario launches by itself
  const second = join(folder, 'startup');
  const secondPorts = { imap: ports.imap + 200, imaps: ports.imaps + 200, lmtp: ports.lmtp + 200 };
  mkdirSync(second, { recursive: true });
  lay(second, `bench-startup-${basePort}`, secondPorts);
  const state: State = { ports, inotifyBefore: readFileSync(inotifyLimit, 'utf8').trim() };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  writeFileSync(inotifyLimit, String(Math.max(4096, Number(state.inotifyBefore))));
  await launch(folder, ports);
  const target: TargetDescription = {
    name: 'dovecot',
    version: execFileSync('dovecot', ['--version'], { encoding: 'utf8' }).trim(),
    settings: { format: 'mdbox', scheme: 'SHA512-CRYPT' },
    host: '127.0.0.1',
    ports,
    users: benchUsers,
    pidFiles: [pidFile(folder)],
    restart: [process.execPath, resolve(process.argv[1]!), 'restart', '--dir', folder],
    startup: { command: ['dovecot', '-F', '-c', join(second, 'dovecot.conf')], port: secondPorts.imap },
  };
  writeFileSync(join(folder, 'target.json'), JSON.stringify(target, null, 2));
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { dir: { type: 'string' }, 'base-port': { type: 'string', default: '21000' } },
});
const verb = positionals[0];
if (values.dir === undefined || !verb) console.log(help);
else {
  const folder = resolve(values.dir);
  if (verb === 'start') await start(folder, Number(values['base-port']));
  else if (verb === 'restart') {
    await halt(folder);
    await launch(folder, stateOf(folder).ports);
  } else if (verb === 'stop') {
    await halt(folder);
    writeFileSync(inotifyLimit, stateOf(folder).inotifyBefore);
  } else console.log(help);
}
