/**
 * Mends line ends on the way in (invariant 3): a lone LF becomes CRLF, nothing else changes; a lone CR and NUL are content
 * and stay. Works on a stream in chunks of any size. What needs no mending is handed on as it came, uncopied: mail by LMTP
 * and IMAP nearly always has CRLF throughout, and then the cost is one look at each line.
 *
 * Never fails and keeps one bit between chunks.
 */
const cr = 0x0d;
const lf = 0x0a;

export interface LineEndMender {
  /** The chunk itself if nothing had to be mended, else a mended copy. */
  push(chunk: Uint8Array): Uint8Array;
}

export function createLineEndMender(): LineEndMender {
  let endedWithCr = false;
  return {
    push(chunk) {
      if (chunk.length === 0) return chunk;
      const afterCr = endedWithCr;
      endedWithCr = chunk[chunk.length - 1] === cr;
      const lone = countLoneLf(chunk, afterCr);
      return lone === 0 ? chunk : mended(chunk, afterCr, lone);
    },
  };
}

function countLoneLf(chunk: Uint8Array, afterCr: boolean): number {
  let count = 0;
  let at = chunk.indexOf(lf);
  if (at === 0) {
    if (!afterCr) count++;
    at = chunk.indexOf(lf, 1);
  }
  while (at !== -1) {
    if (chunk[at - 1] !== cr) count++;
    at = chunk.indexOf(lf, at + 1);
  }
  return count;
}

function mended(chunk: Uint8Array, afterCr: boolean, lone: number): Uint8Array {
  const out = new Uint8Array(chunk.length + lone);
  let last = afterCr ? cr : -1;
  let to = 0;
  for (let i = 0; i < chunk.length; i++) {
    const octet = chunk[i]!;
    if (octet === lf && last !== cr) out[to++] = cr;
    out[to++] = octet;
    last = octet;
  }
  return out;
}
