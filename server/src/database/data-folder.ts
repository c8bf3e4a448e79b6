/**
 * The data folder and its one owner. The first process on a folder takes `lock` and runs the embedded store; others connect
 * to the socket that the lock names. The lock is a file, `{pid, started, socket, ...}`, made by link(2) so that it is there
 * complete or not at all; it is stale when its process is gone (by pid, boot and start time, so that a pid used again is not
 * taken for the owner) and its socket does not answer.
 *
 * Guarantees: two processes never both hold the lock. On failure: MailError `inUse` that says who has it.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MailError } from '../kernel/errors.js';
import { processBirth } from '../kernel/process-birth.js';

/** Longer socket paths are cut by the system without a word (sun_path is 104 to 108 octets). */
const maxSocketPathBytes = 100;

export interface LockOwner {
  readonly pid: number;
  /** Wall clock, for people. */
  readonly started: string;
  /** Boot and start tick of the process, where the system tells them. */
  readonly birth: string;
  /** Unix socket of the embedded store. */
  readonly socket: string;
  /** `service`, or the command as typed (`mail import`). */
  readonly holder: string;
}

export interface DataLock {
  readonly owner: LockOwner;
  /** Gives the folder back. Safe to call twice; also done when the process exits. */
  release(): void;
}

export interface LockRequest {
  readonly folder: string;
  /** `service`, or the command as typed. */
  readonly holder: string;
  /** How long to wait for a running command. Nobody waits for a service. */
  readonly waitMs?: number;
  /** Told once when waiting begins. */
  readonly onWait?: (owner: LockOwner) => void;
  readonly signal?: AbortSignal;
}

const lockFile = (folder: string): string => join(folder, 'lock');

/** Makes the folder, for this user alone, if it is not there. */
export function makeDataFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Who holds the folder now; undefined if nobody that lives does. */
export async function lockOwner(folder: string): Promise<LockOwner | undefined> {
  const owner = readLock(folder);
  return owner && (await lives(owner)) ? owner : undefined;
}

export async function lockDataFolder(request: LockRequest): Promise<DataLock> {
  const folder = resolve(request.folder);
  makeDataFolder(folder);
  const deadline = performance.now() + (request.waitMs ?? 30_000);
  let told = false;
  for (;;) {
    const taken = await tryLock(folder, request.holder);
    if ('release' in taken) return taken;
    if (taken.holder === 'service' || performance.now() >= deadline) throw inUse(folder, taken);
    if (!told) request.onWait?.(taken);
    told = true;
    await sleep(100, undefined, request.signal ? { signal: request.signal } : {});
  }
}

function inUse(folder: string, owner: LockOwner): MailError {
  const who = owner.holder === 'service' ? 'a service' : `the command "${owner.holder}"`;
  return new MailError('inUse', `${folder} is in use by ${who}, process ${owner.pid}, since ${owner.started}`);
}

async function tryLock(folder: string, holder: string): Promise<DataLock | LockOwner> {
  const previous = readLock(folder);
  if (previous && (await lives(previous))) return previous;
  if (previous) removeStale(folder, previous);
  const owner: LockOwner = {
    pid: process.pid,
    started: new Date().toISOString(),
    birth: processBirth(process.pid) ?? '',
    socket: chooseSocket(folder),
    holder,
  };
  const text = `${JSON.stringify(owner)}\n`;
  const draft = join(folder, `lock.${process.pid}.${randomBytes(4).toString('hex')}`);
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, lockFile(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const other = readLock(folder);
    // Gone again in between: the caller's next round decides.
    return other ?? unreadable;
  } finally {
    rmSync(draft, { force: true });
  }
  // Two processes may have found the same stale lock, the slower of them removing the lock of the faster one; it sees its
  // mistake at once and puts it back, so whoever still stands here after a moment is the owner.
  if (previous) await sleep(50);
  const now = readLock(folder);
  if (now?.pid !== owner.pid || now.started !== owner.started) return now ?? unreadable;
  clearSocket(previous?.socket);
  clearSocket(owner.socket);
  if (dirname(owner.socket) !== folder) mkdirSync(dirname(owner.socket), { mode: 0o700 });
  return hold(folder, owner);
}

/** The socket goes, and a private folder made for it, which is empty then: nothing is ever removed with what is in it. */
function clearSocket(socket: string | undefined): void {
  if (!socket || basename(socket) !== 'store.sock') return;
  rmSync(socket, { force: true });
  if (!isRuntimeFolder(dirname(socket))) return;
  try {
    rmdirSync(dirname(socket));
  } catch {
    // Gone already, or somebody laid something into it.
  }
}

function hold(folder: string, owner: LockOwner): DataLock {
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    process.removeListener('exit', release);
    if (readLock(folder)?.pid !== owner.pid) return;
    clearSocket(owner.socket);
    rmSync(lockFile(folder), { force: true });
  };
  process.on('exit', release);
  return { owner, release };
}

/** Takes a stale lock out of the way, unless it has become somebody's living lock meanwhile. */
function removeStale(folder: string, stale: LockOwner): void {
  const aside = join(folder, `lock.stale.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    renameSync(lockFile(folder), aside);
  } catch {
    return; // somebody else did it
  }
  const moved = parseLock(aside);
  if (moved && (moved.pid !== stale.pid || moved.started !== stale.started)) {
    try {
      linkSync(aside, lockFile(folder));
    } catch {
      // A third process stands there already; the one we moved sees it and gives way.
    }
  }
  rmSync(aside, { force: true });
}

/** In the data folder if the path is short enough for the system, else in a private folder of its own. */
function chooseSocket(folder: string): string {
  const inFolder = join(folder, 'store.sock');
  if (Buffer.byteLength(inFolder) <= maxSocketPathBytes) return inFolder;
  const name = join(`vaguemestre-${randomBytes(8).toString('hex')}`, 'store.sock');
  const candidates = [join(tmpdir(), name), join('/tmp', name)];
  return candidates.find((path) => Buffer.byteLength(path) <= maxSocketPathBytes) ?? join('/tmp', name);
}

/** As `chooseSocket` names them: a data folder may begin like that too. */
const isRuntimeFolder = (folder: string): boolean => /^vaguemestre-[0-9a-f]{16}$/.test(basename(folder));

/** What stands in an unreadable lock: after a power cut the file may be there without its octets. */
const unreadable: LockOwner = { pid: 0, started: '', birth: '', socket: '', holder: 'unknown' };

const readLock = (folder: string): LockOwner | undefined => parseLock(lockFile(folder));

function parseLock(file: string): LockOwner | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const value = JSON.parse(text) as Partial<LockOwner>;
    if (typeof value.pid !== 'number' || typeof value.socket !== 'string') return unreadable;
    return {
      pid: value.pid,
      started: String(value.started ?? ''),
      birth: String(value.birth ?? ''),
      socket: value.socket,
      holder: String(value.holder ?? 'service'),
    };
  } catch {
    return unreadable;
  }
}

async function lives(owner: LockOwner): Promise<boolean> {
  if (pidLives(owner)) return true;
  // The process may be in another container, whose pids we do not see: its socket tells.
  return owner.socket !== '' && (await answers(owner.socket));
}

function pidLives(owner: LockOwner): boolean {
  if (owner.pid <= 0) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const birth = processBirth(owner.pid);
  return birth === undefined || owner.birth === '' || birth === owner.birth;
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolveAnswer) => {
    const probe = connect(socket);
    const end = (answer: boolean): void => {
      probe.destroy();
      resolveAnswer(answer);
    };
    probe.setTimeout(1000, () => end(false));
    probe.once('connect', () => end(true));
    probe.once('error', () => end(false));
  });
}
