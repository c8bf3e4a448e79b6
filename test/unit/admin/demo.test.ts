import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cast } from '@vaguemestre/server/admin/demo/cast';
import { writeCorrespondence } from '@vaguemestre/server/admin/demo/correspondence';
import { simpleParser } from 'mailparser';

const now = Date.UTC(2026, 2, 4, 10);
const all = writeCorrespondence(2_000, 'labo.example', now);

describe('the demonstration', () => {
  test('is the same for the same day, in order, and nothing of it lies in the future', () => {
    const again = writeCorrespondence(2_000, 'labo.example', now);
    assert.equal(all.length, 2_000);
    assert.deepEqual(
      again.map(({ octets }) => octets.toString('latin1')),
      all.map(({ octets }) => octets.toString('latin1')),
    );
    for (const [i, { dateMs }] of all.entries()) {
      assert.ok(dateMs <= now && dateMs >= (all[i - 1]?.dateMs ?? 0));
    }
  });

  test('every person who reads has mail, filed mail where there are folders, and rubbish', () => {
    for (const owner of cast) {
      const own = all.filter((one) => one.owner === owner);
      if (owner.is.role === 'service') {
        assert.equal(own.length, 0);
        continue;
      }
      assert.ok(own.length > 20, owner.local);
      for (const role of ['inbox', 'sent', 'junk']) {
        assert.ok(
          own.some(({ where }) => 'role' in where && where.role === role),
          `${owner.local} ${role}`,
        );
      }
      if (owner.folders.length > 0) assert.ok(own.some(({ where }) => 'path' in where));
      for (const { where } of own) if ('path' in where) assert.ok(owner.folders.includes(where.path));
    }
  });

  test('is proper mail: CRLF, short lines, ASCII headers', () => {
    for (const { octets } of all) {
      const text = octets.toString('latin1');
      assert.ok(!/(?<!\r)\n|\r(?!\n)/.test(text), 'CRLF only');
      assert.ok(text.split('\r\n').every((line) => line.length <= 998));
      const header = text.slice(0, text.indexOf('\r\n\r\n'));
      assert.match(header, /^[\r\n\t\x20-\x7e]*$/);
      assert.ok(!text.includes('{'), 'every slot is filled');
    }
  });

  test('another parser reads it: names, subjects, threads, attachments', async () => {
    const ids = new Set<string>();
    const kinds = new Map<string, number>();
    for (const { octets, dateMs } of all.slice(-400)) {
      const mail = await simpleParser(octets);
      assert.ok(mail.from?.value[0]?.name && !mail.from.text.includes('=?'), mail.from?.text);
      assert.ok(mail.subject && !mail.subject.includes('=?'), mail.subject);
      assert.equal(mail.date?.getTime(), Math.floor(dateMs / 1000) * 1000);
      assert.ok((mail.text ?? '').length > 20);
      assert.ok(!(mail.text ?? '').includes('\ufffd'), mail.text);
      ids.add(mail.messageId ?? '');
      for (const { contentType, content, filename } of mail.attachments) {
        kinds.set(contentType, (kinds.get(contentType) ?? 0) + 1);
        assert.ok(filename && !filename.includes('%'), filename);
        if (contentType === 'image/png') assert.equal(content.toString('latin1', 1, 4), 'PNG');
        if (contentType === 'application/pdf') assert.match(content.toString('latin1'), /^%PDF-1\.4[\s\S]*%%EOF\n$/);
        if (contentType === 'text/calendar') assert.match(content.toString(), /^BEGIN:VCALENDAR\r\n/);
      }
    }
    assert.ok(ids.size > 80);
    for (const kind of ['image/png', 'application/pdf', 'text/calendar', 'text/csv']) {
      assert.ok((kinds.get(kind) ?? 0) > 3, `${kind} ${[...kinds]}`);
    }
  });
});
