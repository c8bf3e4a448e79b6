/**
 * Tries every listening address in the main process before anything is touched, all of them at once so that two listeners
 * on one port are found too. What a person has to change is told as settings are: key, source, reason.
 */

import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import type { Config, ListenerName } from '../config/config.js';
import { showListenAddress } from '../config/listen-address.js';
import { ConfigError } from '../config/load-config.js';
import type { ListenAddress } from '../net/address.js';

export async function checkListeners(config: Config, names: readonly ListenerName[]): Promise<void> {
  const problems: string[] = [];
  const opened: Server[] = [];
  for (const name of names) {
    const address = config.listen[name];
    if (address === undefined) continue;
    const outcome = await tryListen(address);
    if (typeof outcome === 'string') problems.push(listenerProblem(config, name, outcome));
    else opened.push(outcome);
  }
  await Promise.all(opened.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  if (problems.length > 0) throw new ConfigError(problems);
}

export function listenerProblem(config: Config, name: ListenerName, reason: string): string {
  const key = `listen-${name}` as const;
  const address = config.listen[name];
  const shown = address === undefined ? 'off' : showListenAddress(address);
  return `${key} (from ${config.origins[key].at}) cannot listen on ${shown}: ${reason}`;
}

/** In words; the code for what is rare. */
export function listenReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === 'EADDRINUSE') return 'the address is in use';
  if (code === 'EACCES') return 'this user may not (ports below 1024 need a privilege)';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no host of that name';
  if (code === 'ENOENT') return 'the folder of the socket does not exist';
  return code;
}

async function tryListen(address: ListenAddress): Promise<Server | string> {
  // A socket file is no proof of a listener: it stays when its process is killed.
  if (address.kind === 'unix') {
    if (await answers(address.path)) return 'the address is in use';
    await rm(address.path, { force: true });
  }
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(listenReason(error)));
    server.once('listening', () => resolve(server));
    if (address.kind === 'unix') server.listen(address.path);
    else server.listen(address.port, address.host);
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
