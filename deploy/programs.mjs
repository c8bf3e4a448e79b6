/**
 * The programs that some tests need besides Node.js, each with the Debian package that brings it. One list for the tests
 * (which look for them), `npm test` (which says what did not run) and `npm run test:install` (which installs them).
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export const programs = {
  chromium: { package: 'chromium', environment: 'CHROMIUM', names: ['chromium', 'chromium-browser', 'google-chrome'] },
  dovecot: { package: 'dovecot-imapd', names: ['dovecot'] },
  doveadm: { package: 'dovecot-imapd', names: ['doveadm'] },
  'dovecot-lmtp': { package: 'dovecot-lmtpd', names: ['/usr/lib/dovecot/lmtp'] },
  mbsync: { package: 'isync', names: ['mbsync'] },
  fetchmail: { package: 'fetchmail', names: ['fetchmail'] },
  mpop: { package: 'mpop', names: ['mpop'] },
  getmail: { package: 'getmail6', names: ['getmail'] },
  msmtp: { package: 'msmtp', names: ['msmtp'] },
  swaks: { package: 'swaks', names: ['swaks'] },
  postfix: { package: 'postfix', names: ['postfix'] },
  'smtp-sink': { package: 'postfix', names: ['smtp-sink'] },
  gsasl: { package: 'gsasl', names: ['gsasl'] },
  age: { package: 'age', names: ['age'] },
  'age-keygen': { package: 'age', names: ['age-keygen'] },
  curl: { package: 'curl', names: ['curl'] },
  python3: { package: 'python3', names: ['python3'] },
  openssl: { package: 'openssl', names: ['openssl'] },
};

/** sbin folders are not on the path of an ordinary user, but Debian puts servers there. */
const folders = () => [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The full path of a program, undefined if it is not installed. */
export function findProgram(name) {
  const program = programs[name];
  if (!program) throw new Error(`unknown program ${name}`);
  const named = program.environment && process.env[program.environment];
  if (named) return executable(named) ? named : undefined;
  for (const candidate of program.names) {
    if (candidate.startsWith('/')) {
      if (executable(candidate)) return candidate;
      continue;
    }
    for (const folder of folders()) {
      const file = join(folder, candidate);
      if (folder && executable(file)) return file;
    }
  }
  return undefined;
}

export const missingPrograms = () => Object.keys(programs).filter((name) => !findProgram(name));
