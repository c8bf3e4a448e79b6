/**
 * A name server on this machine (RFC 1035 section 4) that knows a few names and counts the questions. What it is asked and does
 * not know is NXDOMAIN; a name may also be broken, or silent, as those of other people are.
 */
import { createSocket } from 'node:dgram';
import { type AddressInfo, isIPv4 } from 'node:net';

export type NameRecord =
  | { readonly type: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'TXT'; readonly value: string; readonly ttl?: number }
  | { readonly type: 'MX'; readonly value: string; readonly preference: number; readonly ttl?: number };

/** `silent`: no answer at all. */
export type Zone = readonly NameRecord[] | 'silent' | 'servfail' | 'refused';

export interface NameServer {
  /** As resolvers are named. */
  readonly address: string;
  /** IPv4 addresses by name; what is in neither map is NXDOMAIN. Undefined: no answer at all. */
  readonly names: Map<string, readonly string[] | undefined>;
  readonly zones: Map<string, Zone>;
  readonly asked: string[];
  /** Everything is silent. */
  dead: boolean;
  close(): Promise<void>;
}

const typeNumbers = { A: 1, NS: 2, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;
const servfail = 2;
const nxdomain = 3;
const refused = 5;

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  const names = new Map<string, readonly string[] | undefined>();
  const zones = new Map<string, Zone>();
  const asked: string[] = [];
  const server = {
    names,
    zones,
    asked,
    dead: false,
    address: '',
    close: (): Promise<void> => new Promise((resolve) => socket.close(() => resolve())),
  };

  const zoneOf = (name: string): Zone | undefined => {
    if (!names.has(name)) return zones.get(name);
    const addresses = names.get(name);
    return addresses === undefined ? 'silent' : addresses.map((value) => ({ type: 'A', value }));
  };

  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const type = query.readUInt16BE(at + 1);
    asked.push(name);
    const zone = zoneOf(name);
    if (server.dead || zone === 'silent') return;
    const records = typeof zone === 'string' || zone === undefined ? [] : answersOf(name, zone, type, zoneOf);
    const code = zone === undefined ? nxdomain : zone === 'servfail' ? servfail : zone === 'refused' ? refused : 0;
    const head = Buffer.from(query.subarray(0, at + 5));
    // A response, recursion available.
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(records.length, 6);
    head.fill(0, 8, 12);
    socket.send(Buffer.concat([head, ...records]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  server.address = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  return server;
}

/** A CNAME is followed, as a resolver's answer shows it. */
function answersOf(
  name: string,
  zone: readonly NameRecord[],
  type: number,
  find: (name: string) => Zone | undefined,
): Buffer[] {
  const alias = zone.find((record) => record.type === 'CNAME');
  if (alias !== undefined && type !== typeNumbers.CNAME) {
    const next = find(alias.value);
    const rest = typeof next === 'object' ? answersOf(alias.value, next, type, find) : [];
    return [encodeRecord(name, alias), ...rest];
  }
  return zone.filter((record) => typeNumbers[record.type] === type).map((record) => encodeRecord(name, record));
}

function encodeRecord(name: string, record: NameRecord): Buffer {
  const data = encodeData(record);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(typeNumbers[record.type], 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(record.ttl ?? 60, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), head, data]);
}

function encodeData(record: NameRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.value.split('.').map(Number));
    case 'AAAA':
      return encodeIpv6(record.value);
    case 'TXT': {
      const octets = Buffer.from(record.value, 'latin1');
      const strings: Buffer[] = [];
      for (let at = 0; at === 0 || at < octets.length; at += 255) {
        const part = octets.subarray(at, at + 255);
        strings.push(Buffer.from([part.length]), part);
      }
      return Buffer.concat(strings);
    }
    case 'MX': {
      const preference = Buffer.alloc(2);
      preference.writeUInt16BE(record.preference);
      return Buffer.concat([preference, encodeName(record.value)]);
    }
    default:
      return encodeName(record.value);
  }
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}

function encodeIpv6(text: string): Buffer {
  if (isIPv4(text)) throw new Error(`${text} is no IPv6 address`);
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  const octets = Buffer.alloc(16);
  for (const [i, group] of all.entries()) octets.writeUInt16BE(group, i * 2);
  return octets;
}
