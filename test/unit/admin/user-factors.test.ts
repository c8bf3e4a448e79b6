/** `user factors`: what somebody signs in with besides the password, shown and taken off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { createCommandDesk } from '../../harness/in-process-command.js';

test('second factors are shown and removed one by one', async () => {
  const desk = createCommandDesk('/nowhere');
  await desk.run('user add claire --role permanent --generate-password');
  const shown = async () => JSON.parse((await desk.run('user factors claire --json')).out) as Record<string, unknown>;
  assert.deepEqual(await shown(), { passkeys: [], codes: false, recoveryLeft: 0 });
  const person = await desk.database.accounts.findByAddress('claire@labo.example');
  const account = person?._id as AccountId;
  const passkey = (name: string) => ({
    ...{ credential: name, key: '', counter: 0, transports: [], copies: false, copied: false, name },
    made: new Date('2026-11-01'),
  });
  for (const name of ['Laptop', 'Telephone']) await desk.database.passkeys.add(account, passkey(name));
  await desk.database.accounts.change(account, { passkeys: new Date() });
  await desk.database.recovery.put(account, ['x']);
  const [laptop, telephone] = await desk.factors.passkeys.list(account);
  const { out, err } = await desk.run('user factors claire');
  assert.match(out, new RegExp(`${laptop?.id}  Laptop +2026-11-01\n`));
  assert.match(err, /recovery codes left: 1/);
  assert.equal((await desk.run('user factors claire --remove nothing')).code, 64);
  assert.equal((await desk.run('user factors claire --remove codes')).code, 64);
  const remove = (id: string | undefined) => desk.run(['user', 'factors', 'claire', `--remove=${id}`]);
  assert.equal((await remove(laptop?.id)).code, 0);
  assert.ok((await desk.database.accounts.get(account))?.passkeys !== undefined);
  assert.equal((await remove(telephone?.id)).code, 0);
  assert.equal((await desk.database.accounts.get(account))?.passkeys, undefined);
  assert.deepEqual(await shown(), { passkeys: [], codes: false, recoveryLeft: 0 });
});
