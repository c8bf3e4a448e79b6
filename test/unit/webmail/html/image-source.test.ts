import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasBeaconShape, imageSource } from '@vaguemestre/webmail/html/image-source';

describe('the address of an image', () => {
  it('is on the web, in the message, or nowhere', () => {
    assert.equal(imageSource('https://a.example/b.png')?.kind, 'remote');
    assert.deepEqual(imageSource(' cid:part1%40a.example'), { kind: 'attached', contentId: 'part1@a.example' });
    assert.deepEqual(imageSource('CID:%'), { kind: 'attached', contentId: '%' });
    assert.equal(imageSource('data:image/png;base64,AAAA')?.kind, 'inside');
    for (const src of [
      '',
      'b.png',
      '//a.example/b.png',
      '/api/logout',
      'data:image/svg+xml;base64,AAAA',
      'data:text/html;base64,AAAA',
      'blob:https://a.example/1',
      'javascript:X()',
      'ftp://a.example/b.png',
      'https://',
    ]) {
      assert.equal(imageSource(src), undefined, src);
    }
  });

  it('is taken for a tracker by its shape', () => {
    for (const address of [
      'https://u1.ct.example/wf/open?upn=abc',
      'https://list.example/track/open.php?u=1&id=2',
      'https://a.example/e/o/eyJlbWFpbF9pZCI6IlJQ',
      'https://a.example/open/30a8/7f',
      'https://a.example/o.gif?x=1',
      'https://a.example/v1/pixel.png',
    ]) {
      assert.ok(hasBeaconShape(new URL(address)), address);
    }
    for (const address of [
      'https://a.example/logo.png',
      'https://a.example/open-day/poster.jpg',
      'https://a.example/e/o.png',
      'https://open.example/img/header.png',
      'https://a.example/',
    ]) {
      assert.ok(!hasBeaconShape(new URL(address)), address);
    }
  });
});
