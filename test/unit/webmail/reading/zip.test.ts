import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { crc32, zip } from '@vaguemestre/webmail/reading/zip';
import { unlessInstalled } from '../../../harness/programs.js';

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);

describe('files packed into one', () => {
  it('have the check sum that everybody computes', () => {
    assert.equal(crc32(text('123456789')), 0xcbf43926);
    assert.equal(crc32(text('')), 0);
  });

  it('come out of Python as they went in, each under a name of its own', { skip: unlessInstalled('python3') }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'vm-zip-'));
    try {
      const now = new Date(2026, 10, 24, 10, 42, 8);
      const packed = zip(
        [
          { name: 'référence.csv', octets: text('a;b\n') },
          { name: 'a.txt', octets: text('one') },
          { name: 'A.txt', octets: text('two') },
          { name: 'empty', octets: text('') },
        ],
        now,
      );
      writeFileSync(join(folder, 'all.zip'), packed);
      const script = `import zipfile, json
z = zipfile.ZipFile('all.zip')
assert z.testzip() is None
print(json.dumps([[i.filename, z.read(i).decode(), list(i.date_time)] for i in z.infolist()]))`;
      const out = JSON.parse(execFileSync('python3', ['-c', script], { cwd: folder }).toString()) as unknown;
      const when = [2026, 11, 24, 10, 42, 8];
      assert.deepEqual(out, [
        ['référence.csv', 'a;b\n', when],
        ['a.txt', 'one', when],
        ['A (2).txt', 'two', when],
        ['empty', '', when],
      ]);
      assert.ok(readFileSync(join(folder, 'all.zip')).length > 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
