import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DotUnstuffing } from '@vaguemestre/server/codec/smtp/dot-unstuffing';
import fc from 'fast-check';
import { dotStuffed } from '../../harness/lmtp-client.js';

interface Result {
  readonly content: Buffer;
  readonly rest: Buffer;
  readonly ended: boolean;
  readonly smuggled: boolean;
}

function unstuff(octets: Buffer, cuts: readonly number[] = []): Result {
  const places = [...new Set(cuts.map((at) => at % (octets.length + 1)))].sort((a, b) => a - b);
  const unstuffing = new DotUnstuffing();
  const parts: Buffer[] = [];
  let from = 0;
  for (const at of [...places, octets.length]) {
    const chunk = Buffer.from(octets.subarray(from, at));
    const end = unstuffing.push(chunk, parts);
    if (end >= 0) {
      const rest = octets.subarray(from + end);
      return { content: Buffer.concat(parts), rest, ended: true, smuggled: unstuffing.smuggled };
    }
    from = at;
  }
  return { content: Buffer.concat(parts), rest: Buffer.alloc(0), ended: false, smuggled: unstuffing.smuggled };
}

/** By the letter of RFC 5321 4.5.2, over the whole text. */
function oracle(octets: Buffer): Result {
  const text = octets.toString('latin1');
  const marked = `\r\n${text}`;
  const end = marked.indexOf('\r\n.\r\n');
  const body = end < 0 ? marked : marked.slice(0, end + 2);
  const content = body.replaceAll('\r\n.', '\r\n').slice(2);
  // Within what was the message: CRLF or LF, a dot, CRLF or LF, that is not CRLF.CRLF.
  const seen = end < 0 ? marked : marked.slice(0, end + 3);
  let smuggled = false;
  for (let lf = seen.indexOf('\n.'); lf >= 0; lf = seen.indexOf('\n.', lf + 1)) {
    const bareBefore = seen[lf - 1] !== '\r';
    if (seen[lf + 2] === '\n' || (bareBefore && seen[lf + 2] === '\r' && seen[lf + 3] === '\n')) smuggled = true;
  }
  return {
    content: Buffer.from(content, 'latin1'),
    rest: Buffer.from(end < 0 ? '' : text.slice(end + 3), 'latin1'),
    ended: end >= 0,
    smuggled,
  };
}

const octets = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(13, 10, 46) }, { weight: 1, arbitrary: fc.nat(255) }), {
    maxLength: 60,
  })
  .map((values) => Buffer.from(values));

describe('dot unstuffing', () => {
  it('gives back any message that was stuffed, however it is cut', () => {
    const lines = fc.array(
      octets.map((line) => line.toString('latin1').replace(/[\r\n]/g, 'x')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(lines, fc.array(fc.nat(500)), (texts, cuts) => {
        const message = Buffer.from(texts.map((text) => `${text}\r\n`).join(''), 'latin1');
        const wire = Buffer.concat([dotStuffed(message), Buffer.from('MAIL')]);
        const result = unstuff(wire, cuts);
        assert.deepEqual(result.content, message);
        assert.equal(result.ended && !result.smuggled, true);
        assert.equal(result.rest.toString(), 'MAIL');
      }),
      { numRuns: 2000 },
    );
  });

  it('does on any octets what RFC 5321 says, however they are cut', () => {
    fc.assert(
      fc.property(octets, fc.array(fc.nat(100)), (wire, cuts) => {
        const got = unstuff(wire, cuts);
        const wanted = oracle(wire);
        assert.equal(got.ended, wanted.ended);
        assert.equal(got.smuggled, wanted.smuggled);
        if (got.ended) {
          assert.deepEqual(got.content, wanted.content);
          assert.deepEqual(got.rest, wanted.rest);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  for (const [name, wire, ended, smuggled] of [
    ['CRLF.CRLF', 'a\r\n.\r\n', true, false],
    ['an empty message', '.\r\n', true, false],
    ['LF.LF', 'a\n.\nMAIL\r\n', false, true],
    ['LF.CRLF', 'a\n.\r\nMAIL\r\n', false, true],
    ['CRLF.LF', 'a\r\n.\nMAIL\r\n', false, true],
    ['CR.CR', 'a\r.\rMAIL\r\n', false, false],
    ['CR.CRLF', 'a\r.\r\nMAIL\r\n', false, false],
    ['CRLF.CR', 'a\r\n.\rMAIL\r\n', false, false],
    ['LF..LF', 'a\n..\nMAIL\r\n', false, false],
    ['CRLF NUL .CRLF', 'a\r\n\0.\r\n', false, false],
  ] as const) {
    it(`${ended ? 'ends' : 'does not end'} at ${name}${smuggled ? ', and marks it' : ''}`, () => {
      for (let cut = 0; cut <= wire.length; cut++) {
        const result = unstuff(Buffer.from(wire, 'latin1'), [cut]);
        assert.equal(result.ended, ended);
        assert.equal(result.smuggled, smuggled);
      }
    });
  }
});
