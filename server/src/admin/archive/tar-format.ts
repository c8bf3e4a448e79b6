/**
 * Files in a tar archive (POSIX.1-2001, pax interchange format), so that any `tar` opens it. Names beyond what a ustar header holds
 * and sizes beyond 8 GiB stand in an extended header. Written as it streams: the size of a file is known before its octets. Read only
 * as far as we write it: files, folders and extended headers; anything else is an error, never a guess.
 */
export interface TarFile {
  /** Relative, with `/`; UTF-8. */
  readonly path: string;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/** An empty folder; the name ends in `/`. */
export const tarFolder = (path: string, mtime: number): Buffer => entryHeader({ path, size: 0, mtime }, '5');

/** What stands before the octets of a file. */
export const tarHeader = (file: TarFile): Buffer => entryHeader(file, '0');

const block = 512;
/** Largest size of a ustar header: 11 octal digits. */
const maxOctalSize = 8 ** 11 - 1;
const maxPath = 100;

function entryHeader(file: TarFile, type: '0' | '5'): Buffer {
  const path = Buffer.from(file.path);
  const records: string[] = [];
  if (path.length > maxPath || path.some((octet) => octet > 126)) records.push(paxRecord('path', file.path));
  if (file.size > maxOctalSize) records.push(paxRecord('size', String(file.size)));
  const short = records.length > 0 ? Buffer.from('long-name') : path;
  const own = ustarHeader(short, Math.min(file.size, maxOctalSize), file.mtime, type);
  if (records.length === 0) return own;
  const extended = Buffer.from(records.join(''));
  const head = ustarHeader(Buffer.from('pax-header'), extended.length, file.mtime, 'x');
  return Buffer.concat([head, extended, tarPadding(extended.length), own]);
}

/** What stands behind the octets of a file. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/** What ends an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * block);

/** `length key=value\n`, where length counts itself. */
function paxRecord(key: string, value: string): string {
  const body = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(body);
  let length = bytes + 1;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return `${length}${body}`;
}

function ustarHeader(name: Buffer, size: number, mtime: number, type: '0' | '5' | 'x'): Buffer {
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, width: number): void => {
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  };
  name.copy(header, 0);
  octal(type === '5' ? 0o700 : 0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(Math.max(0, Math.min(mtime, maxOctalSize)), 136, 12);
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const octet of header) sum += octet;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

export interface TarEntry extends TarFile {
  readonly folder: boolean;
  /** Has to be read to its end before the next entry is asked for. */
  octets(): AsyncIterable<Uint8Array>;
}

/** Largest extended header that is believed: paths have at most 1,000 octets here. */
const maxExtended = 64 * 1024;

/** The files and folders of an archive, in order. Throws what is wrong with it; a cut archive is wrong. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = blockInput(source);
  let extended: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const header = await input.take(block);
    if (header.every((octet) => octet === 0)) break;
    const { path, size, mtime, type } = readHeader(header);
    if (type === 'x') {
      if (size > maxExtended) throw new Error('the archive has an extended header of absurd length');
      extended = readPax(await input.take(size));
      await input.take(tarPadding(size).length);
      continue;
    }
    if (type !== '0' && type !== '5')
      throw new Error(`the archive holds something that is no file: type ${JSON.stringify(type)}`);
    const long = extended.get('size');
    const file = { path: extended.get('path') ?? path, size: long === undefined ? size : Number(long), mtime };
    if (!Number.isSafeInteger(file.size) || file.size < 0) throw new Error('the archive has a file of no size');
    extended = new Map();
    let left = file.size;
    yield {
      ...file,
      folder: type === '5',
      async *octets() {
        while (left > 0) {
          const piece = await input.some(left);
          left -= piece.length;
          yield piece;
        }
      },
    };
    if (left > 0) throw new Error('an entry of the archive was not read to its end');
    await input.take(tarPadding(file.size).length);
  }
  await input.finish();
}

function readHeader(header: Buffer): TarFile & { readonly type: string } {
  const octal = (at: number, width: number): number => Number.parseInt(textAt(header, at, width).trim() || '0', 8);
  let sum = 0;
  for (const [at, octet] of header.entries()) sum += at >= 148 && at < 156 ? 32 : octet;
  if (sum !== octal(148, 8)) throw new Error('the archive is damaged: the sum of a header is wrong');
  return {
    path: textAt(header, 0, maxPath),
    size: octal(124, 12),
    mtime: octal(136, 12),
    type: String.fromCharCode(header[156] ?? 0),
  };
}

function textAt(header: Buffer, at: number, width: number): string {
  const end = header.indexOf(0, at);
  return header.toString('utf8', at, end < 0 || end > at + width ? at + width : end);
}

function readPax(octets: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < octets.length; ) {
    const space = octets.indexOf(32, at);
    const length = Number(octets.toString('latin1', at, Math.max(at, space)));
    const equals = octets.indexOf(61, space);
    if (space < 0 || !(length > 0) || at + length > octets.length || equals < 0 || equals >= at + length) {
      throw new Error('the archive is damaged: an extended header cannot be read');
    }
    records.set(octets.toString('utf8', space + 1, equals), octets.toString('utf8', equals + 1, at + length - 1));
    at += length;
  }
  return records;
}

/** Octets of a stream, in the amounts that are asked for. */
function blockInput(source: AsyncIterable<Uint8Array>) {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const fill = async (): Promise<void> => {
    const { done, value } = await iterator.next();
    if (done === true) throw new Error('the archive is cut short');
    rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  };
  return {
    /** At least one octet, at most `most`. */
    async some(most: number): Promise<Buffer> {
      while (rest.length === 0) await fill();
      const piece = rest.subarray(0, most);
      rest = rest.subarray(piece.length);
      return piece;
    },
    async take(count: number): Promise<Buffer> {
      const pieces: Buffer[] = [];
      for (let left = count; left > 0; ) {
        const piece = await this.some(left);
        pieces.push(piece);
        left -= piece.length;
      }
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    },
    /** The second empty block, and that the stream ends: only then is it known to be whole. */
    async finish(): Promise<void> {
      const last = await this.take(block);
      if (!last.every((octet) => octet === 0)) throw new Error('the archive does not end as it should');
      while ((await iterator.next()).done !== true) rest = Buffer.alloc(0);
    },
  };
}
