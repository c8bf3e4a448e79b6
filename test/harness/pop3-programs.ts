/** Programs that take mail by POP3, each set up to write every message as it came, one to a file, into a folder of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Laboratory } from './laboratory.js';
import { program } from './programs.js';

const run = promisify(execFile);

export interface MaildropLogin {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Pop3Program {
  readonly name: 'getmail' | 'fetchmail' | 'mpop';
  /** What it took is written down as it goes, so that a broken connection has it take nothing twice. */
  readonly notesEach?: true;
  /** It reads messages and writes them anew: folding, Return-Path and odd octets are its own. */
  readonly rewritesHeader?: true;
  /** Takes what is new; `keep` leaves it on the server. Rejects when the program says that it failed. */
  fetch(folder: string, login: MaildropLogin, keep: boolean): Promise<void>;
}

const patienceMs = 300_000;

function privateFile(path: string, text: string, mode = 0o600): string {
  writeFileSync(path, text, { mode });
  return path;
}

/** Where the messages are. */
function mailFolder(folder: string): string {
  const mail = join(folder, 'mail');
  for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(mail, name), { recursive: true, mode: 0o700 });
  return mail;
}

/** A program that writes its input there: both who may be root and who would not write for root themselves hand over to it. */
function writer(folder: string): string {
  const mail = mailFolder(folder);
  const script = `#!/bin/sh\ncat > "${mail}/tmp/$$" && mv "${mail}/tmp/$$" "${mail}/new/$(date +%s%N).$$"\n`;
  return privateFile(join(folder, 'write.sh'), script, 0o700);
}

/** What the program wrote, in no particular order. */
export function takenMail(folder: string): Buffer[] {
  const at = join(mailFolder(folder), 'new');
  return readdirSync(at).map((name) => readFileSync(join(at, name)));
}

/** getmail 6.18 misses the end of a child that ends before it waits, once in some thousand messages, and then gives up. */
const patientGetmail = `import os, runpy, sys
from getmailcore.baseclasses import ForkingBase
ForkingBase._prepare_child = lambda self: None
ForkingBase._wait_for_child = lambda self, child: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name='__main__')
`;

export const getmail: Pop3Program = {
  name: 'getmail',
  rewritesHeader: true,
  async fetch(folder, { port, user, password }, keep) {
    privateFile(
      join(folder, 'rc'),
      `[retriever]
type = SimplePOP3SSLRetriever
server = 127.0.0.1
port = ${port}
username = ${user}
password = ${password}
ssl_cert_hostname =
[destination]
type = MDA_external
path = ${writer(folder)}
allow_root_commands = true
[options]
delete = ${keep ? 'false' : 'true'}
read_all = false
delivered_to = false
received = false
verbose = 0
`,
    );
    const patient = privateFile(join(folder, 'patient.py'), patientGetmail);
    const [interpreter = ''] = readFileSync(program('getmail'), 'utf8').slice(2).split('\n', 1);
    await run(interpreter.trim(), [patient, program('getmail'), '--getmaildir', folder, '--rcfile', 'rc'], {
      env: { ...process.env, HOME: folder },
      timeout: patienceMs,
    });
  },
};

export const fetchmail: Pop3Program = {
  name: 'fetchmail',
  notesEach: true,
  async fetch(folder, { port, user, password }, keep) {
    const rc = privateFile(
      join(folder, 'rc'),
      `set no bouncemail\nset invisible\npoll 127.0.0.1 service ${port} protocol pop3 uidl\n user "${user}" password "${password}" ssl no sslcertck no rewrite ${keep ? 'keep' : 'nokeep'} mda "${writer(folder)}"\n`,
    );
    const args = ['-f', rc, '--pidfile', join(folder, 'pid'), '-i', join(folder, 'ids'), '--nosyslog'];
    try {
      const env = { ...process.env, HOME: folder, FETCHMAILHOME: folder };
      await run(program('fetchmail'), args, { env, timeout: patienceMs });
    } catch (error) {
      // 1: there was nothing new.
      if ((error as { code?: number }).code !== 1) throw error;
    }
  },
};

export const mpop: Pop3Program = {
  name: 'mpop',
  notesEach: true,
  async fetch(folder, { port, user, password }, keep) {
    const mail = mailFolder(folder);
    const secret = privateFile(join(folder, 'password'), password);
    const rc = privateFile(
      join(folder, 'rc'),
      `account a\nhost 127.0.0.1\nport ${port}\nuser ${user}\npasswordeval cat ${secret}\ntls on\ntls_starttls off\ntls_certcheck off\nreceived_header off\nkeep ${keep ? 'on' : 'off'}\ndelivery maildir ${mail}\nuidls_file ${join(folder, 'uidls')}\n`,
    );
    await run(program('mpop'), ['-C', rc, '-q', 'a'], { env: { ...process.env, HOME: folder }, timeout: patienceMs });
  },
};

/** How many messages the service still lists for a person. */
export async function countLeft(laboratory: Pick<Laboratory, 'pop3'>, name: string): Promise<number> {
  const client = await laboratory.pop3(name);
  const lines = await client.multi('LIST');
  await client.quit();
  return lines.length;
}
