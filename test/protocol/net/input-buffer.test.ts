import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Line } from '@vaguemestre/server/net/connection';
import { InputBuffer } from '@vaguemestre/server/net/input-buffer';
import fc from 'fast-check';

function cut(octets: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cutAt) => cutAt % (octets.length + 1)))].sort((a, b) => a - b);
  const chunks: Buffer[] = [];
  let from = 0;
  for (const at of [...places, octets.length]) {
    chunks.push(Buffer.from(octets.subarray(from, at)));
    from = at;
  }
  return chunks;
}

function allLines(chunks: readonly Buffer[], maxBytes: number): Line[] {
  const input = new InputBuffer();
  const lines: Line[] = [];
  for (const chunk of chunks) {
    input.push(chunk);
    for (let line = input.takeLine(maxBytes); line !== undefined; line = input.takeLine(maxBytes)) lines.push(line);
  }
  return lines;
}

/** The same by the plainest means: the oracle. */
function expectedLines(octets: Buffer, maxBytes: number): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (let at = octets.indexOf(10); at >= 0; at = octets.indexOf(10, from)) {
    const crlf = at > from && octets[at - 1] === 13;
    const bytes = octets.subarray(from, crlf ? at - 1 : at);
    if (bytes.length > maxBytes)
      lines.push({ kind: 'tooLong', head: octets.subarray(from, from + Math.min(256, maxBytes)) });
    else lines.push(crlf ? { kind: 'line', bytes } : { kind: 'line', bytes, bareLf: true });
    from = at + 1;
  }
  return lines;
}

const lineOctets = fc
  .array(fc.constantFrom(10, 13, 46, 65, 66, 0, 255), { maxLength: 200 })
  .map((values) => Buffer.from(values));

describe('input buffer', () => {
  it('finds the same lines however the octets are cut', () => {
    fc.assert(
      fc.property(
        lineOctets,
        fc.array(fc.nat(200), { maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (octets, cuts, max) => {
          assert.deepEqual(allLines(cut(octets, cuts), max), expectedLines(octets, max));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives octets and lines in order when they are mixed and put back', () => {
    fc.assert(
      fc.property(lineOctets, fc.array(fc.nat(200)), fc.array(fc.nat(3)), (octets, cuts, steps) => {
        const input = new InputBuffer();
        const seen: Buffer[] = [];
        let step = 0;
        for (const chunk of cut(octets, cuts)) {
          input.push(chunk);
          const choice = steps.length === 0 ? 1 : steps[step++ % steps.length]!;
          if (choice === 0) continue;
          const some = input.takeSome(choice * 7);
          if (some === undefined) continue;
          if (choice === 2) input.unshift(some);
          else seen.push(Buffer.from(some));
        }
        for (let some = input.takeSome(3); some !== undefined; some = input.takeSome(3)) seen.push(Buffer.from(some));
        assert.deepEqual(Buffer.concat(seen), octets);
        assert.equal(input.length, 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('never changes octets it handed out', () => {
    const input = new InputBuffer();
    input.push(Buffer.from('a'));
    input.push(Buffer.from('b\r'));
    input.push(Buffer.from('\nc'));
    const first = input.takeLine(100);
    const rest = input.takeSome(10);
    for (let i = 0; i < 5000; i++) input.push(Buffer.from('x'));
    assert.deepEqual(first, { kind: 'line', bytes: Buffer.from('ab') });
    assert.deepEqual(rest, Buffer.from('c'));
  });

  it('is linear on a long line that comes octet by octet', () => {
    const input = new InputBuffer();
    const one = Buffer.from('a');
    const began = performance.now();
    for (let i = 0; i < 1_000_000; i++) {
      input.push(one);
      input.takeLine(900_000);
    }
    input.push(Buffer.from('\n'));
    assert.equal(input.takeLine(900_000)?.kind, 'tooLong');
    assert.equal(input.length, 0);
    assert.ok(performance.now() - began < 5000);
  });

  it('holds next to nothing of a line that is too long', () => {
    const input = new InputBuffer();
    for (let i = 0; i < 1000; i++) {
      input.push(Buffer.alloc(1000, 65));
      assert.equal(input.takeLine(2000), undefined);
      assert.ok(input.length <= 2001);
    }
    input.push(Buffer.from('\r\nNEXT\r\n'));
    assert.deepEqual(input.takeLine(2000), { kind: 'tooLong', head: Buffer.alloc(256, 65) });
    assert.deepEqual(input.takeLine(2000), { kind: 'line', bytes: Buffer.from('NEXT') });
  });
});
