/**
 * A set of uids as an entry of the log holds it: the shortest of an IMAP-like string of ranges, a list of u32, and a bitmap
 * that begins at `lo` (store design section 1). Encoding wants ascending uids; decoding gives them ascending. What cannot be
 * a set (a damaged entry) throws RangeError.
 */
export type UidSet = string | Uint8Array | { readonly lo: number; readonly m: Uint8Array };

export function encodeUids(uids: Uint32Array): UidSet {
  const count = uids.length;
  if (count === 0) return '';
  const lo = uids[0]!;
  const listBytes = 4 * count;
  const bitmapBytes = Math.floor((uids[count - 1]! - lo) / 8) + 1 + 24;
  const ranges = encodeRanges(uids, Math.min(listBytes, bitmapBytes));
  if (ranges !== undefined) return ranges;
  if (listBytes <= bitmapBytes) {
    const list = Buffer.allocUnsafe(listBytes);
    for (let i = 0; i < count; i++) list.writeUInt32LE(uids[i]!, 4 * i);
    return list;
  }
  const m = Buffer.alloc(bitmapBytes - 24);
  for (let i = 0; i < count; i++) {
    const bit = uids[i]! - lo;
    m[bit >>> 3]! |= 1 << (bit & 7);
  }
  return { lo, m };
}

/** `2:4,7`, or undefined when it would be longer than `maxBytes`. */
function encodeRanges(uids: Uint32Array, maxBytes: number): string | undefined {
  let text = '';
  for (let i = 0; i < uids.length; ) {
    const first = uids[i]!;
    let last = first;
    i += 1;
    while (i < uids.length && uids[i] === last + 1) {
      last += 1;
      i += 1;
    }
    if (text !== '') text += ',';
    text += first === last ? first : `${first}:${last}`;
    if (text.length > maxBytes) return undefined;
  }
  return text;
}

export function decodeUids(set: UidSet): Uint32Array {
  if (typeof set === 'string') return decodeRanges(set);
  if (set instanceof Uint8Array) return decodeList(set);
  return decodeBitmap(set.lo, set.m);
}

/** More than any mailbox can hold in memory: a damaged range must not ask for 16 GB. */
const maxDecoded = 1 << 26;

function decodeRanges(text: string): Uint32Array {
  if (text === '') return new Uint32Array(0);
  const ranges = text.split(',').map((range): [number, number] => {
    const colon = range.indexOf(':');
    const first = Number(colon < 0 ? range : range.slice(0, colon));
    const last = colon < 0 ? first : Number(range.slice(colon + 1));
    if (!(first > 0 && last >= first && last <= 0xffffffff)) throw new RangeError('damaged uid set');
    return [first, last];
  });
  let count = 0;
  for (const [first, last] of ranges) count += last - first + 1;
  if (count > maxDecoded) throw new RangeError('uid set too large');
  const uids = new Uint32Array(count);
  let at = 0;
  for (const [first, last] of ranges) for (let uid = first; uid <= last; uid++) uids[at++] = uid;
  return uids;
}

function decodeList(list: Uint8Array): Uint32Array {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const uids = new Uint32Array(list.byteLength >>> 2);
  for (let i = 0; i < uids.length; i++) uids[i] = view.getUint32(4 * i, true);
  return uids;
}

function decodeBitmap(lo: number, m: Uint8Array): Uint32Array {
  let count = 0;
  for (const octet of m) for (let bits = octet; bits !== 0; bits &= bits - 1) count += 1;
  const uids = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < m.length; i++) {
    const octet = m[i]!;
    for (let bit = 0; bit < 8; bit++) if ((octet & (1 << bit)) !== 0) uids[at++] = lo + 8 * i + bit;
  }
  return uids;
}
