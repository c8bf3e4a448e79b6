/** Archives of a test lie in its folder, with a key of their own. */
import { join } from 'node:path';
import type { ArchiveParts } from '@vaguemestre/server/admin/archive/archive-person';

export const archivesIn = (
  folder: string,
  parts: Pick<ArchiveParts, 'mailstore' | 'people' | 'archives' | 'clock'>,
): ArchiveParts => ({
  ...parts,
  folder: join(folder, 'archives'),
  recipients: [],
  keyFile: join(folder, 'archive.key'),
  host: 'here',
  zone: 'Europe/Paris',
});
