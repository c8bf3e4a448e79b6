import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rebuildRaster } from '@vaguemestre/server/codec/image/raster';
import fc from 'fast-check';
import {
  gif,
  gifExtension,
  jpeg,
  jpegSegment,
  png,
  pngChunk,
  riff,
  riffChunk,
  vp8l,
  vp8x,
} from '../../harness/pictures.js';

const secret = Buffer.from('<script>secret()</script>');
const rebuilt = (octets: Buffer): Buffer => {
  const raster = rebuildRaster(octets);
  assert.ok(raster, octets.toString('latin1', 0, 20));
  return Buffer.concat(raster.pieces);
};

const plain: Readonly<Record<string, Buffer>> = {
  'image/png': png(3, 2),
  'image/gif': gif(
    gifExtension(0xf9, Buffer.alloc(4)),
    gifExtension(0xff, Buffer.from('NETSCAPE2.0'), Buffer.from([1, 0, 0])),
  ),
  'image/jpeg': jpeg(3, 2, jpegSegment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1'))),
  'image/webp': riff(vp8l),
};

describe('rebuilding pictures', () => {
  for (const [type, octets] of Object.entries(plain)) {
    it(`keeps an ordinary one as it is (${type})`, () => {
      assert.equal(rebuildRaster(octets)?.type, type);
      assert.deepEqual(rebuilt(octets), octets);
    });

    it(`cuts off what follows the end (${type})`, () => {
      assert.deepEqual(rebuilt(Buffer.concat([octets, secret])), octets);
    });
  }

  it('leaves out what does not draw', () => {
    const dirty: readonly Buffer[] = [
      png(3, 2, pngChunk('tEXt', secret), pngChunk('eXIf', secret), pngChunk('iCCP', secret), pngChunk('zzZz', secret)),
      gif(
        gifExtension(0xfe, secret),
        gifExtension(0xff, Buffer.from('XMP DataXMP'), secret),
        gifExtension(0x01, secret),
      ),
      jpeg(
        3,
        2,
        jpegSegment(0xe1, secret),
        jpegSegment(0xfe, secret),
        jpegSegment(0xe2, secret),
        jpegSegment(0xe0, secret),
      ),
      riff(vp8x(1, 1), riffChunk('ICCP', secret), vp8l, riffChunk('EXIF', secret), riffChunk('XMP ', secret)),
      riff(vp8l, riffChunk('EXIF', secret)),
    ];
    for (const octets of dirty) {
      const clean = rebuilt(octets);
      assert.ok(!clean.includes('secret'), clean.toString('latin1'));
      assert.deepEqual(rebuilt(clean), clean);
    }
  });

  it('says in the header of a WebP only what is still there', () => {
    const clean = rebuilt(riff(vp8x(1, 1), riffChunk('ICCP', secret), vp8l));
    assert.equal(clean[20], 0x12);
    assert.equal(clean.readUInt32LE(4), clean.length - 8);
  });

  it('takes nothing that is no picture, and no SVG', () => {
    const others = [
      '',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>',
      '<?xml version="1.0"?><svg/>',
      '<!doctype html>',
      'GIF89a=1;alert(1)//',
      'RIFF\x04\0\0\0WAVE',
      '%PDF-1.7',
      'BM',
      '\0\0\0\x1cftypavif',
    ];
    for (const text of others) assert.equal(rebuildRaster(Buffer.from(text, 'latin1')), undefined, text);
  });

  it('takes none that would fill the screen a thousand times', () => {
    const large = [png(60_000, 2), png(10_000, 10_000), jpeg(65_000, 65_000), riff(vp8x(1 << 24, 1), vp8l), png(0, 5)];
    for (const octets of large) assert.equal(rebuildRaster(octets), undefined);
  });

  it('takes none that is cut short, and none with a wrong sum', () => {
    for (const [type, octets] of Object.entries(plain)) {
      for (let length = 0; length < octets.length; length++) {
        const raster = rebuildRaster(octets.subarray(0, length));
        // Browsers show a JPEG whose end was lost; so far as there is a scan it is one.
        if (type !== 'image/jpeg') assert.equal(raster, undefined, `${type} ${length}`);
      }
    }
    const broken = Buffer.from(plain['image/png']!);
    broken[25]! ^= 1;
    assert.equal(rebuildRaster(broken), undefined);
  });

  it('comes to an end on anything, and what it made it would make again', () => {
    const seeds = Object.values(plain);
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }))
      .map(([seed, changes]) => {
        const octets = Buffer.from(seed);
        for (const [at, value] of changes) octets[at % octets.length] = value;
        return octets;
      });
    fc.assert(
      fc.property(damaged, (octets) => {
        const raster = rebuildRaster(octets);
        if (raster === undefined) return;
        const once = Buffer.concat(raster.pieces);
        assert.deepEqual(rebuilt(once), once);
        assert.ok(once.length <= octets.length + 2);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes time in proportion, whatever the octets', () => {
    const hostile = [
      Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(8_000_000, 0xff)]),
      Buffer.concat([jpeg(3, 2).subarray(0, -2), Buffer.alloc(8_000_000, 0xff)]),
      Buffer.concat([gif().subarray(0, -1), Buffer.alloc(8_000_000, 0x21)]),
      Buffer.concat([Buffer.from('RIFF\xff\xff\x7f\0WEBP', 'latin1'), Buffer.alloc(8_400_000)]),
      Buffer.concat([png(1, 1).subarray(0, 33), Buffer.alloc(8_000_000)]),
    ];
    for (const octets of hostile) {
      const started = performance.now();
      rebuildRaster(octets);
      assert.ok(performance.now() - started < 1_500, octets.toString('latin1', 0, 12));
    }
  });
});
