import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canPreview, fileKind, fileName, sniffedType } from '@vaguemestre/webmail/reading/attachment';

const part = (name: string | null, type: string, size = 1_000) => ({ name, type, size });

describe('a file of a message', () => {
  it('is known by its type, and by its name where the type says nothing', () => {
    for (const [name, type, kind] of [
      ['a.pdf', 'application/octet-stream', 'pdf'],
      [null, 'application/pdf', 'pdf'],
      ['photo.JPG', 'application/octet-stream', 'image'],
      [null, 'image/png', 'image'],
      ['forwarded', 'message/rfc822', 'mail'],
      ['data.csv', 'text/plain', 'table'],
      ['notes', 'text/plain', 'text'],
      ['constructor', 'application/x', 'other'],
      ['a.constructor', 'application/x', 'other'],
      ['', 'text/<svg onload=X()>', 'text'],
    ] as const) {
      assert.equal(fileKind(part(name, type)), kind, `${name} ${type}`);
    }
  });

  it('is never shown as a page or a drawing that could run', () => {
    for (const [name, type] of [
      ['a.svg', 'image/svg+xml'],
      ['a.html', 'text/html'],
      ['a.xhtml', 'application/xhtml+xml'],
      ['a.xml', 'text/xml'],
    ] as const) {
      assert.ok(!['image', 'pdf'].includes(fileKind(part(name, type))), name);
    }
  });

  it('is looked at here only if that is possible and not too much', () => {
    assert.ok(canPreview(part('a.png', 'image/png'), true));
    assert.ok(!canPreview(part('a.png', 'image/png', 1e9), true));
    assert.ok(!canPreview(part('a.pdf', 'application/pdf'), false));
    assert.ok(!canPreview(part('a.xlsx', 'application/octet-stream'), true));
    assert.ok(canPreview(part('a.csv', 'text/csv'), true));
    assert.ok(!canPreview(part('a.zip', 'application/zip'), true));
  });

  it('has the type that its octets say', () => {
    const octets = (text: string) => Buffer.from(text, 'latin1');
    assert.equal(sniffedType(octets('\x89PNG\r\n')), 'image/png');
    assert.equal(sniffedType(octets('GIF89a=1;alert(1)')), 'image/gif');
    assert.equal(sniffedType(octets('%PDF-1.4')), 'application/pdf');
    assert.equal(sniffedType(octets('<svg onload=X()>')), undefined);
    assert.equal(sniffedType(octets('<!doctype html>')), undefined);
    assert.equal(sniffedType(octets('')), undefined);
  });

  it('has a name that cannot deceive, leave its folder, or fill the page', () => {
    for (const [given, shown] of [
      ['rapport\u202efdp.exe', 'rapportfdp.exe'],
      ['../../etc/passwd', '_.._etc_passwd'],
      ['a"><img src=x onerror=X()>.pdf', 'a___img src=x onerror=X()_.pdf'],
      ['a\r\nb.txt', 'ab.txt'],
      ['.htaccess', 'htaccess'],
      ['\u200b', 'fichier'],
    ] as const) {
      assert.equal(fileName(part(given, 'x/y'), 'fichier'), shown);
    }
    assert.equal(fileName(part(null, 'message/rfc822'), 'fichier'), 'fichier.eml');
    assert.ok(fileName(part('a'.repeat(10_000), 'x/y'), 'fichier').length <= 180);
  });
});
