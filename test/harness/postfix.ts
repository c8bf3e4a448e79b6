/**
 * A Postfix of a test: own configuration, queue and port, in a folder of its own, in the foreground. It needs root, as any Postfix
 * does; who has not got it skips the test.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { program, unlessInstalled } from './programs.js';

/** For `skip`. */
export const unlessPostfix = (): false | string => {
  const missing = unlessInstalled('postfix');
  return missing !== false ? missing : process.getuid?.() === 0 ? false : 'Postfix runs as root only';
};

export interface Postfix {
  /** Of its smtpd. */
  readonly port: number;
  /** Its own words. */
  log(): Promise<string>;
  /** Its `sendmail`, with a message on standard input. */
  sendmail(args: readonly string[], message: string): void;
  close(): Promise<void>;
}

export async function startPostfix(settings: Readonly<Record<string, string>>, mainFile?: string): Promise<Postfix> {
  const folder = await mkdtemp(join(tmpdir(), 'vaguemestre-postfix-'));
  // Its daemons are not root.
  await chmod(folder, 0o755);
  const etc = join(folder, 'etc');
  await mkdir(etc);
  await mkdir(join(folder, 'spool'));
  await mkdir(join(folder, 'data'));
  execFileSync('chown', ['postfix', join(folder, 'data')]);
  const port = await freePort();
  const given = mainFile === undefined ? '' : mainFile;
  const own: Readonly<Record<string, string>> = {
    compatibility_level: '3.6',
    inet_protocols: 'ipv4',
    maillog_file: join(folder, 'log'),
    maillog_file_prefixes: folder,
    queue_directory: join(folder, 'spool'),
    data_directory: join(folder, 'data'),
    myhostname: 'pc42.labo.example',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: '127.0.0.1',
    alias_maps: '',
    alias_database: '',
    smtputf8_enable: 'yes',
    queue_run_delay: '3s',
    minimal_backoff_time: '3s',
    maximal_backoff_time: '5s',
    ...settings,
  };
  const lines = Object.entries(own).map(([name, value]) => `${name} = ${value}\n`);
  // Of a setting that stands twice Postfix takes the last.
  await writeFile(join(etc, 'main.cf'), `${given}\n${lines.join('')}`);
  await writeFile(join(etc, 'master.cf'), masterFile(port));
  await cp('/etc/postfix/dynamicmaps.cf', join(etc, 'dynamicmaps.cf'), { force: true }).catch(() => {});
  const child: ChildProcess = spawn(program('postfix'), ['-c', etc, 'start-fg'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log = (): Promise<string> => readFile(join(folder, 'log'), 'utf8').catch(() => '');
  const close = async (): Promise<void> => {
    try {
      execFileSync(program('postfix'), ['-c', etc, 'stop'], { stdio: 'ignore' });
    } catch {
      child.kill('SIGTERM');
    }
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(port, child);
  } catch (error) {
    const words = await log();
    await close();
    throw new Error(`Postfix did not start: ${words}`, { cause: error });
  }
  return {
    port,
    log,
    sendmail: (args, message) => {
      execFileSync('/usr/sbin/sendmail', ['-C', etc, ...args], { input: message });
    },
    close,
  };
}

/** What a Postfix needs to take and send mail, nothing in a chroot: there is none in the folder. */
function masterFile(port: number): string {
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 1 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 5 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'lmtp unix - - n - - lmtp',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'local unix - n n - - local',
    'virtual unix - n n - - virtual',
    'showq unix n - n - - showq',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return services.map((line) => `${line}\n`).join('');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error('it ended');
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (there) return;
    if (performance.now() > deadline) throw new Error('nobody listens');
    await sleep(100);
  }
}
