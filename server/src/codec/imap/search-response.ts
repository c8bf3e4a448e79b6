/** SEARCH and ESEARCH responses (RFC 3501 7.2.5; RFC 9051 7.3.4, RFC 4731), as octets with their CRLF. */
import { quotedOctets } from './octet-string.js';
import { createOctetWriter } from './octet-writer.js';

/** rev1. `modseq`: the highest of those found, when MODSEQ was asked for and something was found (RFC 7162 3.1.5). */
export function searchLine(numbers: ArrayLike<number>, modseq?: number): Buffer {
  const out = createOctetWriter(Math.max(64, numbers.length * 7));
  out.ascii('* SEARCH');
  for (let i = 0; i < numbers.length; i++) {
    out.octet(0x20);
    out.number(numbers[i]!);
  }
  if (modseq !== undefined) out.ascii(` (MODSEQ ${modseq})`);
  out.ascii('\r\n');
  return out.take();
}

/** What an ESEARCH answers; what is undefined is left out. */
export interface EsearchData {
  readonly uid: boolean;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Ascending; must not be given empty: an empty result has no ALL (RFC 9051 7.3.4). */
  readonly all?: ArrayLike<number> | undefined;
  readonly count?: number | undefined;
  readonly modseq?: number | undefined;
}

export function esearchLine(tag: string, data: EsearchData): Buffer {
  const out = createOctetWriter(128);
  out.ascii(`* ESEARCH (TAG ${quotedOctets(tag)})`);
  if (data.uid) out.ascii(' UID');
  if (data.min !== undefined) out.ascii(` MIN ${data.min}`);
  if (data.max !== undefined) out.ascii(` MAX ${data.max}`);
  if (data.count !== undefined) out.ascii(` COUNT ${data.count}`);
  if (data.all !== undefined) {
    out.ascii(' ALL ');
    writeSet(out, data.all);
  }
  if (data.modseq !== undefined) out.ascii(` MODSEQ ${data.modseq}`);
  out.ascii('\r\n');
  return out.take();
}

function writeSet(out: ReturnType<typeof createOctetWriter>, numbers: ArrayLike<number>): void {
  const { length } = numbers;
  for (let i = 0; i < length; ) {
    const low = numbers[i]!;
    let high = low;
    if (i > 0) out.octet(0x2c);
    for (i++; i < length && numbers[i]! === high + 1; i++) high++;
    out.number(low);
    if (high === low) continue;
    out.octet(0x3a);
    out.number(high);
  }
}
