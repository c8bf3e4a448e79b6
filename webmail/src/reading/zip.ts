/**
 * Packs files into one, uncompressed (PKWARE APPNOTE 6.3: local headers 4.3.7, central directory 4.3.12, end 4.3.16; names in
 * UTF-8, bit 11): "save all" is then one file and one question of the browser. Up to 4 GB, which memory forbids before.
 */
export interface ZipEntry {
  readonly name: string;
  readonly octets: Uint8Array<ArrayBuffer>;
}

const crcTable = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) crc = crcTable[(crc ^ octet) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers are 16 bits, those in brackets 32, little-endian. */
type Field = number | readonly [number];

const utf8Names = 0x0800;
const version = 20;

export function zip(entries: readonly ZipEntry[], now: Date): Uint8Array<ArrayBuffer> {
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const date = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { name, octets } of withDistinctNames(entries)) {
    const nameOctets = new TextEncoder().encode(name);
    const facts: readonly Field[] = [
      version,
      utf8Names,
      0,
      time,
      date,
      [crc32(octets)],
      [octets.length],
      [octets.length],
      nameOctets.length,
      0,
    ];
    const local = record(0x04034b50, facts, nameOctets);
    directory.push(record(0x02014b50, [version, ...facts, 0, 0, 0, [0], [offset]], nameOctets));
    parts.push(local, octets);
    offset += local.length + octets.length;
  }
  const directoryLength = directory.reduce((sum, one) => sum + one.length, 0);
  const count = directory.length;
  const end = record(0x06054b50, [0, 0, count, count, [directoryLength], [offset], 0], new Uint8Array());
  return joined([...parts, ...directory, end]);
}

function record(signature: number, fields: readonly Field[], tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = 4 + fields.reduce<number>((sum, field) => sum + (typeof field === 'number' ? 2 : 4), 0);
  const out = new Uint8Array(length + tail.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, signature, true);
  let at = 4;
  for (const field of fields) {
    if (typeof field === 'number') {
      view.setUint16(at, field, true);
      at += 2;
    } else {
      view.setUint32(at, field[0], true);
      at += 4;
    }
  }
  out.set(tail, at);
  return out;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** `a.pdf`, `a (2).pdf`: an archive with two files of one name loses one when it is unpacked. */
function withDistinctNames(entries: readonly ZipEntry[]): ZipEntry[] {
  const taken = new Set<string>();
  return entries.map(({ name, octets }) => {
    const dot = name.lastIndexOf('.');
    const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    let free = name;
    for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${stem} (${count})${end}`;
    taken.add(free.toLowerCase());
    return { name: free, octets };
  });
}
