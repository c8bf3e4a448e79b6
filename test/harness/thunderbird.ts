/**
 * Thunderbird without a screen, with one POP3 account in a profile of its own, driven over Marionette (Firefox's remote protocol: a
 * length, a colon, and JSON), since a first password cannot be given to it in any other way.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MaildropLogin } from './pop3-programs.js';

export interface Thunderbird {
  /** Gets new mail, leaves it on the server, and tells how many messages the inbox has then. */
  getMail(): Promise<number>;
  close(): Promise<void>;
}

const patienceMs = 120_000;

const getNewMail = `
const [user, password] = arguments;
const done = arguments[arguments.length - 1];
(async () => {
  const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');
  const server = MailServices.accounts.allServers.find(({ type }) => type === 'pop3');
  server.password = password;
  const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  await new Promise((resolve, reject) => {
    const listener = {
      OnStartRunningUrl() {},
      OnStopRunningUrl(url, status) { status === 0 ? resolve() : reject(new Error('status ' + status)); },
    };
    MailServices.pop3.GetNewMail(null, listener, inbox, server);
  });
  done({ total: inbox.getTotalMessages(false) });
})().catch((error) => done({ error: String(error) }));`;

export async function openThunderbird(
  path: string,
  folder: string,
  { port, user, password }: MaildropLogin,
): Promise<Thunderbird> {
  const profile = join(folder, 'profile');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const control = await freePort();
  const server = {
    type: 'pop3',
    hostname: '127.0.0.1',
    port,
    userName: user,
    name: user,
    socketType: 0,
    authMethod: 3,
    leave_on_server: true,
    login_at_startup: false,
    check_new_mail: false,
    directory: join(profile, 'Mail/pop'),
    'directory-rel': '[ProfD]Mail/pop',
  };
  const settings = {
    'mail.accountmanager.accounts': 'account1',
    'mail.accountmanager.defaultaccount': 'account1',
    'mail.account.account1.server': 'server1',
    'mail.account.account1.identities': 'id1',
    'mail.identity.id1.useremail': user,
    'mail.identity.id1.valid': true,
    ...Object.fromEntries(Object.entries(server).map(([name, value]) => [`mail.server.server1.${name}`, value])),
    'mail.shell.checkDefaultClient': false,
    'mailnews.start_page.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'app.update.enabled': false,
    'marionette.port': control,
  };
  const lines = Object.entries(settings).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--marionette', '--remote-allow-system-access', '--no-remote', '--profile', profile];
  const child = spawn(path, args, { env: { ...process.env, HOME: folder }, stdio: 'ignore', detached: true });
  const gone = once(child, 'exit');
  const close = async (): Promise<void> => {
    // The group: what is started may be a script.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await gone;
  };
  try {
    const call = marionette(await connectWhenThere(control));
    await call('WebDriver:NewSession', {});
    await call('Marionette:SetContext', { value: 'chrome' });
    await call('WebDriver:SetTimeouts', { script: patienceMs });
    return {
      async getMail() {
        const answer = await call('WebDriver:ExecuteAsyncScript', { script: getNewMail, args: [user, password] });
        const { total, error } = (answer as { value: { total?: number; error?: string } }).value;
        if (total === undefined) throw new Error(error);
        return total;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function connectWhenThere(port: number): Promise<Socket> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(250);
    }
  }
}

function marionette(socket: Socket): (name: string, parameters: object) => Promise<unknown> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let buffered = Buffer.alloc(0);
  let calls = 0;
  socket.on('data', (octets: Buffer) => {
    buffered = Buffer.concat([buffered, octets]);
    for (let colon = buffered.indexOf(':'); colon > 0; colon = buffered.indexOf(':')) {
      const end = colon + 1 + Number(buffered.subarray(0, colon).toString());
      if (buffered.length < end) return;
      const answer: unknown = JSON.parse(buffered.subarray(colon + 1, end).toString());
      buffered = buffered.subarray(end);
      // The greeting is an object.
      if (!Array.isArray(answer)) continue;
      const [, id, error, result] = answer as [number, number, unknown, unknown];
      const call = waiting.get(id);
      waiting.delete(id);
      if (error === null) call?.resolve(result);
      else call?.reject(new Error(JSON.stringify(error)));
    }
  });
  const end = (): void => {
    for (const { reject } of waiting.values()) reject(new Error('Thunderbird is gone'));
  };
  socket.on('error', end);
  socket.on('close', end);
  return (name, parameters) =>
    new Promise((resolve, reject) => {
      waiting.set(++calls, { resolve, reject });
      const text = JSON.stringify([0, calls, name, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
}
