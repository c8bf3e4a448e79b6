/** The page to print for somebody new: what it says, for whom, and what it never says. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { type CommandDesk, createCommandDesk } from '../../harness/in-process-command.js';

/** The words of a PDF in the order they are drawn: its streams, and in them the strings that are shown (ISO 32000-1 9.4.3). */
function wordsOf(pdf: Buffer): string {
  const words: string[] = [];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    const end = pdf.indexOf('endstream', at);
    if (pdf.subarray(at - 3, at).toString() === 'end' || end < 0) continue;
    let content: string;
    try {
      content = inflateSync(pdf.subarray(at + 'stream\n'.length, end)).toString('latin1');
    } catch {
      continue;
    }
    for (const [, array = ''] of content.matchAll(/\[((?:<[0-9a-f]*>|[-. 0-9])*)\] TJ/g)) {
      words.push(
        [...array.matchAll(/<([0-9a-f]*)>/g)]
          .map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1'))
          .join(''),
      );
    }
  }
  return words.join(' ');
}

describe('user sheet', () => {
  let folder: string;
  let command: CommandDesk;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vm-sheet-'));
    command = createCommandDesk(folder);
    const add = async (...args: string[]) => assert.equal((await command.run(['user', 'add', ...args])).code, 0);
    await add('claire', '--role', 'permanent', '--name', 'Claire Moreau', '--lang', 'en', '--generate-password');
    const intern = ['--role', 'intern', '--sponsor', 'claire', '--expires', '2027-07-31'];
    await add('tom', ...intern, '--name', 'Łukasz Lefèvre', '--generate-password');
    await add('wei', ...intern, '--name', '王伟', '--generate-password');
  });
  after(() => rmSync(folder, { recursive: true }));

  async function sheet(name: string, ...more: string[]): Promise<string> {
    const out = join(folder, `${name}.pdf`);
    const done = await command.run(['user', 'sheet', name, '--out', out, ...more]);
    assert.equal(done.code, 0, done.err);
    const pdf = readFileSync(out);
    assert.match(pdf.subarray(0, 8).toString(), /^%PDF-1\.\d/);
    assert.equal(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length, 1, 'one page');
    return wordsOf(pdf);
  }

  it('gives an intern POP3, the web, the last day and the sponsor, in French', async () => {
    const words = await sheet('tom');
    for (const one of [
      'tom@labo.example',
      'Lukasz Lefèvre',
      '31 juillet 2027',
      'Claire Moreau, claire@labo.example',
      '1995',
      '1465',
    ]) {
      assert.ok(words.includes(one), `${one} in ${words}`);
    }
    assert.ok(words.includes('https://mail.labo.example:8443/'));
    assert.ok(words.includes('laboratoire seulement'));
    assert.ok(!words.includes('1993') && !words.includes('IMAP'));
  });

  it('gives permanent staff IMAP, in the language asked for', async () => {
    const english = await sheet('claire');
    assert.ok(english.includes('Reading, over IMAP') && english.includes('1993') && !english.includes('POP3'));
    assert.ok(!english.includes('From the network of the laboratory'));
    assert.ok((await sheet('claire', '--lang', 'fr')).includes('Lire, par IMAP'));
  });

  it('leaves out a name that the fonts cannot write', async () => {
    const words = await sheet('wei');
    assert.ok(words.includes('wei@labo.example'));
    assert.ok(!words.includes('?'));
  });

  it('says when the file cannot be written', async () => {
    const done = await command.run(['user', 'sheet', 'tom', '--out', join(folder, 'none/x.pdf')]);
    assert.equal(done.code, 64);
    assert.match(done.err, /cannot be written/);
  });
});
