/** Where results go when nobody reads them any more. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';
import { createTerminal, type TerminalStreams } from '@vaguemestre/server/admin/terminal';

it('takes it calmly that a reader of results goes before their end, and nothing else', () => {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const terminal = createTerminal(streams as unknown as TerminalStreams);
  streams.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  terminal.out('more\n');
  assert.throws(() => streams.stdout.emit('error', Object.assign(new Error('disk'), { code: 'ENOSPC' })), /disk/);
});
