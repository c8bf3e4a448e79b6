/**
 * Cuts an mbox into messages while it streams by: no message and no line is ever held whole. A message begins at a line
 * `From sender date`; the empty line before such a line belongs to the format. Quoted lines (`>From `, mboxrd) lose one
 * `>`. An mbox of our own export carries a first header `X-Vaguemestre-Mbox` that says how to give back every octet; it and
 * the lines it counts are taken away again (mbox-form.ts).
 *
 * Order of events: `begin`, `data`..., `end`, once per message. Text before the first separator is ignored and reported by
 * `preamble`.
 */
export type MboxEvent =
  /** `offset` is that of the separator line: the same in a file that grew. */
  | { readonly kind: 'begin'; readonly offset: number; readonly separator: string }
  | { readonly kind: 'data'; readonly octets: Buffer }
  | { readonly kind: 'end'; readonly offset: number };

const lf = 0x0a;
const cr = 0x0d;
const gt = 0x3e;
/** How much of a line must be seen to know a separator. Senders are long at times; a date is not. */
const lookahead = 512;
const fromWord = Buffer.from('From ');

export async function* readMbox(chunks: AsyncIterable<Uint8Array>, startOffset = 0): AsyncGenerator<MboxEvent> {
  let pending = Buffer.alloc(0);
  /** Offset of the first octet of `pending`. */
  let offset = startOffset;
  let inMessage = false;
  /** An empty line that may belong to the separator after it. */
  let heldLine: Buffer | undefined;
  let atLineStart = true;

  function* take(final: boolean): Generator<MboxEvent> {
    let at = 0;
    let dataFrom = 0;
    const flush = function* (to: number): Generator<MboxEvent> {
      if (inMessage && to > dataFrom) yield { kind: 'data', octets: pending.subarray(dataFrom, to) };
      dataFrom = to;
    };
    while (at < pending.length) {
      const end = pending.indexOf(lf, at);
      if (!atLineStart) {
        // The rest of a line whose beginning was judged already.
        if (end < 0) {
          at = pending.length;
          break;
        }
        at = end + 1;
        atLineStart = true;
        continue;
      }
      if (end < 0 && !final && pending.length - at < lookahead) break;
      const head = pending.subarray(at, end < 0 ? Math.min(pending.length, at + lookahead) : end);
      if (isSeparator(head)) {
        yield* flush(at);
        heldLine = undefined;
        if (inMessage) yield { kind: 'end', offset: offset + at };
        inMessage = true;
        yield { kind: 'begin', offset: offset + at, separator: head.toString('latin1').trimEnd() };
        at = end < 0 ? pending.length : end + 1;
        dataFrom = at;
        atLineStart = end >= 0;
        continue;
      }
      if (heldLine !== undefined) {
        yield* flush(at);
        if (inMessage) yield { kind: 'data', octets: heldLine };
        heldLine = undefined;
      }
      if (end >= 0 && (end === at || (end === at + 1 && pending[at] === cr))) {
        yield* flush(at);
        heldLine = Buffer.from(pending.subarray(at, end + 1));
        at = end + 1;
        dataFrom = at;
        continue;
      }
      if (isQuoted(head)) {
        yield* flush(at);
        dataFrom = at + 1;
      }
      atLineStart = end >= 0;
      at = end < 0 ? pending.length : end + 1;
    }
    yield* flush(at);
    offset += at;
    pending = pending.subarray(at);
  }

  for await (const chunk of chunks) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    yield* take(false);
  }
  yield* take(true);
  if (inMessage) yield { kind: 'end', offset };
}

/**
 * `From `, something, a time and a year: `From anne@labo.example Mon Mar  2 08:00:00 2026`. A sentence that begins with
 * "From" has no such end, so an mbox whose writer forgot to quote is still read rightly.
 */
function isSeparator(line: Buffer): boolean {
  if (line.length < 16 || !line.subarray(0, 5).equals(fromWord)) return false;
  const text = line.toString('latin1');
  const time = /\b\d{1,2}:\d{2}(:\d{2})?\b/.exec(text);
  return time !== null && /(^|[^\d+-])\d{4}\b/.test(text.slice(time.index + time[0].length));
}

/** `>From `, `>>From ` and so on. */
function isQuoted(line: Buffer): boolean {
  if (line[0] !== gt) return false;
  let at = 0;
  while (line[at] === gt) at++;
  return line.subarray(at, at + 5).equals(fromWord);
}
