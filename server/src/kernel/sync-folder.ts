import { open } from 'node:fs/promises';

/** A name that was made or changed in the folder is on disk after this. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
