/**
 * How this service writes a message into an mbox, and reads it back bit for bit. An mbox has no place for flags and cannot
 * say whether a message ended with a line end, so each message begins with header lines of our own:
 *
 *     X-Vaguemestre-Mbox: lines=4 date=1772438400 end=lf
 *     Status: RO
 *     X-Status: AF
 *     X-Keywords: $Forwarded projet
 *
 * `lines` counts them all; reading takes them away. Every CRLF is written as LF and comes back as CRLF, a CR of the content
 * stays (a stored message has no lone LF). Other programs see an ordinary mboxrd with the usual status lines.
 */
export interface MboxMarks {
  readonly lines: number;
  /** Seconds since 1970. */
  readonly date: number | undefined;
  /** The content did not end with a line end. */
  readonly open: boolean;
}

const marker = 'X-Vaguemestre-Mbox: ';

export interface MboxEntry {
  /** Envelope sender, for the separator; `MAILER-DAEMON` if unknown. */
  readonly sender: string;
  readonly date: number;
  readonly flags: readonly string[];
}

/** Separator and header lines, as long whether or not the content is `open` (does not end with a line end). */
export function mboxHead(entry: MboxEntry, open: boolean): Buffer {
  const has = (flag: string): boolean => entry.flags.some((one) => one.toLowerCase() === flag.toLowerCase());
  const status = `${has('\\Seen') ? 'R' : ''}O`;
  const letters = [has('\\Answered') && 'A', has('\\Deleted') && 'D', has('\\Flagged') && 'F', has('\\Draft') && 'T'];
  const keywords = entry.flags.filter((flag) => !flag.startsWith('\\'));
  const lines = [
    `${marker}lines=4 date=${entry.date} end=${open ? 'none' : 'lf  '}`,
    `Status: ${status}`,
    `X-Status: ${letters.filter((letter) => letter !== false).join('')}`,
    `X-Keywords: ${keywords.join(' ')}`,
  ];
  const sender = /^[\x21-\x7e]+$/.test(entry.sender) ? entry.sender : 'MAILER-DAEMON';
  return Buffer.from(`From ${sender} ${asctime(entry.date)}\n${lines.join('\n')}\n`);
}

/** C's asctime in UTC, as every mbox has it: `Mon Mar  2 08:00:00 2026`. */
function asctime(seconds: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(seconds * 1000).toUTCString().split(/,? /);
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}

/** Turns content (CRLF) into mbox lines, chunk by chunk: LF line ends, `From ` quoted. */
export function mboxBody(): { write(chunk: Uint8Array): Buffer; readonly endsWithLine: boolean } {
  const fromWord = Buffer.from('From ');
  let atLineStart = true;
  /** Octets that cannot be judged yet: a CR, or the beginning of a line. */
  let held: Buffer = Buffer.alloc(0);
  let last = 0x0a;

  const pieces: Buffer[] = [];
  const judge = (octets: Buffer, final: boolean): Buffer => {
    let at = 0;
    let from = 0;
    for (;;) {
      if (atLineStart) {
        let quote = at;
        while (octets[quote] === 0x3e) quote++;
        const room = octets.length - quote;
        if (room < 5 && !final && fromWord.subarray(0, room).equals(octets.subarray(quote))) break;
        if (octets.subarray(quote, quote + 5).equals(fromWord)) {
          pieces.push(octets.subarray(from, at), Buffer.from('>'));
          from = at;
        }
        atLineStart = false;
      }
      const end = octets.indexOf(0x0a, at);
      if (end < 0) {
        // A CR at the end of the chunk may be half of a CRLF.
        at = !final && octets.at(-1) === 0x0d ? Math.max(at, octets.length - 1) : octets.length;
        break;
      }
      if (octets[end - 1] === 0x0d && end > from) {
        pieces.push(octets.subarray(from, end - 1));
        from = end;
      }
      at = end + 1;
      atLineStart = true;
      if (at >= octets.length) break;
    }
    pieces.push(octets.subarray(from, at));
    return octets.subarray(at);
  };

  return {
    write(chunk) {
      const final = chunk.length === 0;
      if (!final) last = chunk.at(-1) ?? last;
      const octets = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
      held = octets.length === 0 ? octets : judge(octets, final);
      return Buffer.concat(pieces.splice(0));
    },
    get endsWithLine() {
      return last === 0x0a;
    },
  };
}

/** The marks of our own export, if a message begins with them. */
export function readMarks(firstLine: string): MboxMarks | undefined {
  if (!firstLine.startsWith(marker)) return undefined;
  const match = /^lines=(\d{1,2}) date=(\d{1,11}) end=(lf|none)$/.exec(firstLine.slice(marker.length).trimEnd());
  if (match === null) return undefined;
  return { lines: Number(match[1]), date: Number(match[2]), open: match[3] === 'none' };
}

/** Flags from `Status`, `X-Status`, `X-Keywords` and Mozilla's `X-Mozilla-Status` in a header block. */
export function flagsOfHeader(header: string): string[] {
  const field = (name: string): string => {
    const match = new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'im').exec(header);
    return match?.[1] ?? '';
  };
  const flags = new Set<string>();
  const letters: Record<string, string> = {
    R: '\\Seen',
    A: '\\Answered',
    D: '\\Deleted',
    F: '\\Flagged',
    T: '\\Draft',
  };
  for (const letter of `${field('Status')}${field('X-Status')}`) {
    const flag = letters[letter];
    if (flag !== undefined) flags.add(flag);
  }
  // Mozilla: bit 0 read, 1 replied, 2 marked, 3 expunged (gone for its owner, but still in the file), 12 forwarded.
  const mozilla = Number.parseInt(field('X-Mozilla-Status').slice(0, 4), 16) || 0;
  const bits = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted'];
  for (const [bit, flag] of bits.entries()) if (mozilla & (1 << bit)) flags.add(flag);
  if (mozilla & 0x1000) flags.add('$Forwarded');
  for (const keyword of `${field('X-Keywords')} ${field('X-Mozilla-Keys')}`.split(/[\s,]+/)) {
    if (keyword !== '') flags.add(keyword);
  }
  return [...flags];
}
