import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { program, unlessInstalled } from '../../harness/programs.js';

/** `curl imaps://`: lists, uploads, searches and reads. */
const skip = unlessInstalled('curl');
let laboratory: Laboratory;

before(async () => {
  if (!skip) laboratory = await openLaboratory(['curl']);
});
after(() => laboratory?.stop());

function curl(path: string, ...args: readonly string[]): string {
  const url = `imaps://127.0.0.1:${laboratory.service.port('imaps')}${path}`;
  const user = `${laboratory.address('curl')}:${laboratory.password}`;
  return execFileSync(program('curl'), ['--silent', '--show-error', '--insecure', '--user', user, ...args, url], {
    encoding: 'utf8',
    timeout: 30_000,
  });
}

test('curl uploads, lists, searches and reads', { skip }, () => {
  const message = 'From: a@b.example\r\nSubject: by curl\r\n\r\nRéunion à midi\r\n';
  const file = join(laboratory.service.folder, 'upload.eml');
  writeFileSync(file, message);
  curl('/INBOX', '--upload-file', file);
  assert.match(curl('/'), /\* LIST \([^)]*\) "\/" "?INBOX"?/);
  assert.match(curl('/INBOX', '--request', 'SEARCH SUBJECT "by curl"'), /\* SEARCH 1/);
  assert.equal(curl('/INBOX/;UID=1'), message);
  assert.match(curl('/INBOX', '--request', 'STATUS INBOX (MESSAGES)'), /MESSAGES 1/);
});
