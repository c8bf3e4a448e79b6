import type { FileHandle } from 'node:fs/promises';

/** `FileHandle.write` may write less than it was given. Without a position: where the file stands. */
export async function writeAll(file: FileHandle, octets: Uint8Array, position?: number): Promise<void> {
  for (let at = 0; at < octets.length; ) {
    const place = position === undefined ? null : position + at;
    const { bytesWritten } = await file.write(octets, at, octets.length - at, place);
    at += bytesWritten;
  }
}
