/**
 * The certificate of a first start: self-signed, ECDSA P-256 (RSA for the listeners of old TLS), for the machine's names, ten years. It lies in the data folder,
 * the key readable by its owner alone, and is made once.
 *
 * Its DER is written here (RFC 5280 4.1): one fixed shape of certificate takes thirty lines, a library for all of X.509
 * twenty packages.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { isIP, isIPv4 } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { TlsFiles } from './tls-context.js';

const years = 10;

type KeyKind = 'ec' | 'rsa';

/** Makes `tls-cert.pem` and `tls-key.pem` in `folder` unless they are there. `names`: DNS names and addresses to answer for. */
export function ensureSelfSigned(folder: string, names: readonly string[] = []): Promise<TlsFiles> {
  return ensurePair(folder, 'tls', 'ec', names);
}

/**
 * The same for old TLS, `legacy-cert.pem`: with an RSA key, and apart from the certificate of all else, because Eudora keeps the
 * one it was shown and takes no mail when another comes.
 */
export async function ensureLegacyCertificate(folder: string, names: readonly string[] = []): Promise<TlsFiles> {
  return { ...(await ensurePair(folder, 'legacy', 'rsa', names)), legacy: true };
}

async function ensurePair(folder: string, prefix: string, kind: KeyKind, names: readonly string[]): Promise<TlsFiles> {
  const files = { certFile: join(folder, `${prefix}-cert.pem`), keyFile: join(folder, `${prefix}-key.pem`) };
  if ((await isThere(files.certFile)) && (await isThere(files.keyFile))) return files;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = makeSelfSigned([...new Set([...names, hostname(), 'localhost', '127.0.0.1', '::1'])], kind);
  // The key first: after a crash between the two there is no certificate, and both are made again.
  await replace(files.keyFile, made.key);
  await replace(files.certFile, made.cert);
  return files;
}

/** PEM of a fresh pair, for the names and addresses given; the first is its common name. */
export function makeSelfSigned(
  names: readonly string[],
  kind: KeyKind = 'ec',
): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  // An hour back: clients whose clock is a little late.
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(names[0] ?? 'localhost')))));
  // RFC 5280 4.1.2.2: a positive serial number of at most 20 octets.
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  // RFC 5758 3.2; RFC 3279 2.2.1 with SHA-1, which is all that libraries of its time know: a certificate that signs itself proves
  // nothing by its signature.
  const algorithm =
    kind === 'ec'
      ? sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
      : sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05), der(0x05));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(names, kind))),
  );
  const signature = sign(kind === 'ec' ? 'sha256' : 'sha1', body, privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.of(0), signature));
  return { cert: pem('CERTIFICATE', certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** RFC 5280 4.2.1: what may be done with it, and for which names. */
function extensions(names: readonly string[], kind: KeyKind): Buffer[] {
  const critical = der(0x01, Buffer.of(0xff));
  const extension = (id: Buffer, ...rest: Buffer[]): Buffer => sequence(id, ...rest);
  // RSA key exchange enciphers the secret with the key itself.
  const keyUsage = kind === 'ec' ? der(0x03, Buffer.of(7, 0x80)) : der(0x03, Buffer.of(5, 0xa0));
  // Also as a client: a relay with such a certificate is known by it over LMTP.
  const purpose = (last: number): Buffer => oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, last);
  const serverAndClientAuth = sequence(purpose(1), purpose(2));
  const alternatives = sequence(
    ...names.map((name) =>
      isIP(name) === 0 ? der(0x82, Buffer.from(name, 'latin1')) : der(0x87, addressOctets(name)),
    ),
  );
  return [
    extension(oid(0x55, 0x1d, 0x13), critical, der(0x04, sequence())), // basicConstraints: no authority
    extension(oid(0x55, 0x1d, 0x0f), critical, der(0x04, keyUsage)), // keyUsage
    extension(oid(0x55, 0x1d, 0x25), der(0x04, serverAndClientAuth)), // extKeyUsage
    extension(oid(0x55, 0x1d, 0x11), der(0x04, alternatives)), // subjectAltName
  ];
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  const head =
    length < 0x80
      ? Buffer.of(tag, length)
      : length < 0x100
        ? Buffer.of(tag, 0x81, length)
        : Buffer.of(tag, 0x82, length >> 8, length & 0xff);
  return Buffer.concat([head, ...contents]);
}

const sequence = (...contents: Buffer[]): Buffer => der(0x30, ...contents);
const set = (...contents: Buffer[]): Buffer => der(0x31, ...contents);
/** The octets of an object identifier as they are encoded. */
const oid = (...octets: number[]): Buffer => der(0x06, Buffer.from(octets));

/** RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function addressOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [left = '', right] = address.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  const octets = Buffer.alloc(16);
  [...head, ...zeros, ...tail].forEach((group, index) => {
    octets.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  });
  return octets;
}

function pem(label: string, octets: Buffer): string {
  const text = octets.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += 64) lines.push(text.slice(at, at + 64));
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Whole or not at all, and never readable by others, not even for a moment. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}
