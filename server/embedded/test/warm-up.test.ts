/** Warming up: it plays whole commands, and nothing of it stays. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { warmUp } from '../src/server/warm-up.js';
import { startEmbeddedServer } from '../src/start.js';

describe('warming up', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'warm-up-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('plays its rounds, after what a killed process left there, and removes what it wrote', async () => {
    const directory = join(folder, 'scratch');
    mkdirSync(directory);
    writeFileSync(join(directory, 'data.mdb'), 'half of a file');
    assert.ok((await warmUp(directory, new AbortController().signal, 24)) >= 24);
    assert.equal(existsSync(directory), false);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const done = warmUp(join(folder, 'scratch'), stop.signal, 1_000_000);
    await sleep(30);
    stop.abort();
    assert.ok((await done) < 1_000_000);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('holds up neither the start of a server nor its end', async () => {
    const dataDir = join(folder, 'store');
    const said: string[] = [];
    const log = (_level: string, text: string): void => void said.push(text);
    const server = await startEmbeddedServer({ dataDir, socketPath: join(folder, 's'), warmUp: true, log });
    while (!existsSync(join(dataDir, 'warm-up'))) await sleep(20);
    await server.close();
    assert.equal(existsSync(join(dataDir, 'warm-up')), false);
    assert.deepEqual(said, []);
  });
});
