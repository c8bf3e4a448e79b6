/**
 * Literals as a line's end announces them (RFC 9051 4.3, RFC 7888): `{n}` waits for a continuation, `{n+}` does not, `~{n}`
 * is a literal8 (RFC 3516) that may hold NUL.
 */
export interface LiteralHead {
  readonly size: number;
  /** The client waits for `+` before it sends the octets. */
  readonly synchronizing: boolean;
  /** literal8. */
  readonly binary: boolean;
  /** Where the announcement begins in its line. */
  readonly start: number;
}

const zero = 0x30;
const nine = 0x39;
/** number64: 63 bits. More digits than this cannot be a size that any limit admits. */
const maxDigits = 19;

/** The literal that the end of `line` (without CRLF) announces, or undefined. A size past 2^53 comes out rounded, still enormous. */
export function literalAtEnd(line: Uint8Array): LiteralHead | undefined {
  let i = line.length - 1;
  if (i < 2 || line[i] !== 0x7d) return undefined;
  i--;
  const nonSynchronizing = line[i] === 0x2b;
  // RFC 7888 8: LITERAL+ and LITERAL- both write `+`. Drafts of LITERAL- wrote `-`: not in any RFC, not read.
  if (nonSynchronizing) i--;
  const last = i;
  let size = 0;
  let scale = 1;
  while (i >= 0 && line[i]! >= zero && line[i]! <= nine) {
    size += (line[i]! - zero) * scale;
    scale *= 10;
    i--;
  }
  const digits = last - i;
  if (digits === 0 || digits > maxDigits || i < 0 || line[i] !== 0x7b) return undefined;
  const binary = i > 0 && line[i - 1] === 0x7e;
  return { size, synchronizing: !nonSynchronizing, binary, start: binary ? i - 1 : i };
}
