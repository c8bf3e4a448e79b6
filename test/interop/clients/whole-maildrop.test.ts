/**
 * A maildrop of real messages taken by Debian's POP3 programs: every message once and octet for octet behind the three fields that
 * delivery puts before it (getmail's are known by their Message-ID: it writes header and texts anew with Python's parser); a second round takes nothing; a fetch whose connection broke in the middle of a message is
 * taken up where it was. VAGUEMESTRE_MAILDROP_MESSAGES sets how many messages (2,000 in the long form).
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { spamAssassin } from '../../harness/corpus.js';
import { cutConnection } from '../../harness/cut-connection.js';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import {
  countLeft,
  fetchmail,
  getmail,
  type MaildropLogin,
  mpop,
  type Pop3Program,
  takenMail,
} from '../../harness/pop3-programs.js';
import { unlessInstalled } from '../../harness/programs.js';

const count = Number(process.env['VAGUEMESTRE_MAILDROP_MESSAGES'] ?? 60);
const programs = [getmail, fetchmail, mpop];

const digest = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** As a Unix program writes it. */
const withoutCr = (octets: Buffer): string => octets.toString('latin1').replaceAll('\r\n', '\n');

/** Behind what delivery puts before it. */
function behindPrefix(text: string): string {
  const prefix = /^(?:Return-Path: .*\n)?Delivered-To: .*\nReceived: .*\n(?:[ \t].*\n)*/.exec(text);
  assert.ok(prefix !== null, text.slice(0, 400));
  return text.slice(prefix[0].length);
}

/** By what a message is known again whose header was written anew. */
function nameOf(text: string): string {
  const [header = ''] = text.split('\n\n', 1);
  return (/^message-id:(?:.*\n[ \t])*.*/im.exec(header)?.[0] ?? '').toLowerCase().replaceAll(/\s/g, '');
}

describe(`a maildrop of ${count} real messages`, { timeout: 900_000 }, () => {
  let laboratory: Laboratory;
  const messages: string[] = [];
  let bytes = 0;
  before(async () => {
    laboratory = await openLaboratory([]);
    for (const { name } of programs) {
      for (const person of [name, `${name}-cut`]) {
        await laboratory.add(person, '--role', 'permanent', '--allow', 'pop3', '--taken', 'remove');
      }
    }
    const to = programs.flatMap(({ name }) => [name, `${name}-cut`]).map(laboratory.address);
    const lmtp = await laboratory.lmtp();
    await lmtp.lhlo();
    for await (const { octets } of spamAssassin(count)) {
      const message =
        octets.subarray(-2).toString('latin1') === '\r\n' ? octets : Buffer.concat([octets, Buffer.from('\r\n')]);
      const replies = await lmtp.deliver({ to, message });
      for (const { code } of replies) assert.equal(code, 250);
      messages.push(withoutCr(message));
      bytes += message.length;
    }
    await lmtp.quit();
  });
  after(() => laboratory.stop());

  const login = (name: string, port = laboratory.service.port('pop3s')): MaildropLogin => ({
    port,
    user: laboratory.address(name),
    password: laboratory.password,
  });

  function folder(name: string): string {
    const path = join(laboratory.service.folder, `program-${name}`);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  const left = (name: string): Promise<number> => countLeft(laboratory, name);

  const digests = (texts: readonly string[], { rewritesHeader }: Pop3Program): string[] =>
    texts.map((text) => digest(rewritesHeader ? nameOf(text) : text)).sort();

  for (const program of programs) {
    const skip = unlessInstalled(program.name);
    const expected = (): string[] => digests(messages, program);
    const taken = (at: string): string[] =>
      digests(
        takenMail(at).map((one) => behindPrefix(withoutCr(one))),
        program,
      );

    test(`${program.name} takes it whole, once; then takes it away`, { skip }, async (t) => {
      const at = folder(program.name);
      const started = performance.now();
      await program.fetch(at, login(program.name), true);
      const seconds = (performance.now() - started) / 1000;
      t.diagnostic(`${program.name}: ${count} messages, ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`);
      assert.deepEqual(taken(at), expected());
      await program.fetch(at, login(program.name), true);
      assert.equal(taken(at).length, count, 'a second round takes nothing');
      assert.equal(await left(program.name), count);
      const away = folder(`${program.name}-away`);
      await program.fetch(away, login(program.name), false);
      assert.deepEqual(taken(away), expected());
      assert.equal(await left(program.name), 0);
    });

    test(`${program.name} goes on after its connection broke in a message`, { skip }, async () => {
      const name = `${program.name}-cut`;
      const at = folder(name);
      const wire = await cutConnection(laboratory.service.port('pop3s'), Math.floor(bytes / 2));
      // It fails or says it will try again: how, is its own affair.
      await program.fetch(at, login(name, wire.port), false).catch(() => undefined);
      assert.ok(wire.cuts() > 0);
      await wire.close();
      assert.equal(await left(name), count, 'a lost QUIT deletes nothing');
      // What fetchmail took before, it leaves for a round of its own to delete.
      await program.fetch(at, login(name), false);
      const found = taken(at);
      assert.deepEqual([...new Set(found)], [...new Set(expected())]);
      if (program.notesEach) assert.deepEqual(found, expected(), 'nothing was downloaded twice');
    });
  }
});
