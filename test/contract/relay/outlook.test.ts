/** Commands that ask the relay and send nothing: where mail would go and what strangers see. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type NameServer, startNameServer } from '../../harness/name-server.js';
import { runCommand } from '../../harness/running-service.js';

describe("the relay's outlook", () => {
  let server: NameServer;
  let folder: string;
  before(async () => {
    server = await startNameServer();
    server.zones.set('sigma.example', [
      { type: 'MX', value: 'mx.sigma.example', preference: 10 },
      { type: 'MX', value: 'relay.labo.example', preference: 50 },
    ]);
    server.zones.set('mx.sigma.example', [{ type: 'A', value: '192.0.2.9' }]);
    server.zones.set('labo.example', [{ type: 'TXT', value: 'v=spf1 -all' }]);
    folder = await mkdtemp(join(tmpdir(), 'vaguemestre-outlook-'));
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const run = (args: readonly string[]) =>
    runCommand([...args, '--data', folder], {
      VAGUEMESTRE_RELAY_DNS: server.address,
      VAGUEMESTRE_DOMAIN: 'labo.example',
      VAGUEMESTRE_HOSTNAME: 'relay.labo.example',
    });

  it('tells where mail would go', async () => {
    const out = await run(['relay', 'test-route', 'bob@sigma.example']);
    assert.equal(out.output, 'mx:sigma.example\n  mx.sigma.example [192.0.2.9]:25\n', out.errors);
    const none = await run(['relay', 'test-route', 'bob@nowhere.example', '--json']);
    assert.deepEqual(JSON.parse(none.output), {
      route: 'mx:nowhere.example',
      hosts: [],
      problem: '550 5.1.2 nowhere.example does not exist',
    });
    assert.equal((await run(['relay', 'test-route', 'bob@labo.example'])).output, 'mailbox\n');
  });

  it('lists who takes mail, for the hosts that take it before us', async () => {
    const added = await run(['user', 'add', 'alice', '--role', 'permanent', '--generate-password']);
    assert.equal(added.code, 0, added.errors);
    const listed = await run(['relay', 'export-recipients']);
    assert.equal(listed.output, 'alice@labo.example\npostmaster@labo.example\n', listed.errors);
    const map = await run(['relay', 'export-recipients', '--form', 'postfix']);
    assert.equal(map.output, 'alice@labo.example OK\npostmaster@labo.example OK\n');
    const bare = await run(['relay', 'export-recipients', '--form', 'hashes']);
    assert.equal(bare.code, 64);
    assert.match(bare.errors, /--salt of at least 16/);
  });

  it('sees what strangers see, and says so to scripts', async () => {
    const told = await run(['relay', 'self-test']);
    assert.equal(told.code, 1, told.errors);
    assert.match(told.output, /error +mx +labo\.example +there is no such record: add the hosts/);
    assert.match(told.output, /good +spf +labo\.example +v=spf1 -all/);
  });
});
