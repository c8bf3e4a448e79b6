import assert from 'node:assert/strict';
import { ImapClient } from './imap-client.js';
import { LmtpClient } from './lmtp-client.js';
import { connectPop3, type Pop3Client } from './pop3-client.js';
import { type RunningService, runCommand, type ServiceOptions, startService } from './running-service.js';

/** A running service with people in it, as most tests from the outside need one. */
export interface Laboratory {
  readonly service: RunningService;
  readonly password: string;
  address(name: string): string;
  imap(name: string): Promise<ImapClient>;
  lmtp(): Promise<LmtpClient>;
  command(...args: readonly string[]): ReturnType<typeof runCommand>;
  /** One more person, with the password of all. */
  add(name: string, ...options: readonly string[]): Promise<void>;
  pop3(name: string): Promise<Pop3Client>;
  stop(): Promise<void>;
}

const domain = 'labo.example';

/** Starts a service and adds `people` (local parts), permanent staff all with the same password. */
export async function openLaboratory(people: readonly string[], options: ServiceOptions = {}): Promise<Laboratory> {
  const service = await startService(options);
  const password = 'Correct horse 4 battery';
  const address = (name: string) => `${name}@${domain}`;
  const command = (...args: readonly string[]) => runCommand([...args, '--data', service.folder]);
  const add = async (name: string, ...options: readonly string[]): Promise<void> => {
    const args = ['user', 'add', address(name), ...options, '--password-stdin', '--data', service.folder];
    const done = await runCommand(args, {}, `${password}\n`);
    assert.equal(done.code, 0, done.errors);
  };
  try {
    for (const name of people) await add(name, '--role', 'permanent');
  } catch (error) {
    await service.stop('SIGKILL');
    throw error;
  }
  return {
    service,
    password,
    address,
    command,
    add,
    async pop3(name) {
      const client = await connectPop3(service.port('pop3s'), { tls: true });
      await client.login(address(name), password);
      return client;
    },
    async imap(name) {
      const client = await ImapClient.connect({ port: service.port('imaps'), tls: true });
      await client.login(address(name), password);
      return client;
    },
    lmtp: () => LmtpClient.connect({ port: service.port('lmtp') }),
    async stop() {
      assert.equal(await service.stop(), 0, service.errors());
    },
  };
}
