import { maxHeaderBytes } from '../../kernel/limits.js';

const lf = 0x0a;
const cr = 0x0d;

/**
 * Where the body of the message begins that `octets` are the beginning of: behind the first empty line. The same place as the
 * scanner's tree gives, without looking at the body. undefined if there is none within the octets and the limit of a header:
 * then only the tree knows.
 */
export function bodyStartOf(octets: Uint8Array): number | undefined {
  const limit = Math.min(octets.length, maxHeaderBytes);
  for (let start = 0; start < limit; ) {
    const end = octets.indexOf(lf, start);
    if (end < 0 || end >= limit) return undefined;
    if (end === start || (end === start + 1 && octets[start] === cr)) return end + 1;
    start = end + 1;
  }
  return undefined;
}
