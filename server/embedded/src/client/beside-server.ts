/**
 * How a process opens the files of a store that a server is writing to: while the server commits nothing. LMDB would
 * otherwise let it undo a commit that falls into the same moment (`engine/last-commit.ts`).
 *
 * Rejects with ConnectionLost when no server answers on the socket.
 */
import { Elements } from '../bson/element.js';
import { asNumber } from '../bson/scalar.js';
import { buildDocument } from '../bson/writer.js';
import { openLink } from './link.js';

const bodySection = Buffer.of(0);
const holdCommits = buildDocument((writer) => void writer.int32('holdCommits', 1).string('$db', 'admin'));

/** `open` is to be done with when it returns. */
export async function besideServer<T>(socketPath: string, open: () => T): Promise<T> {
  const link = await openLink(socketPath);
  try {
    const reply = await link.send(
      (writer) => void writer.raw(bodySection, 0, 1).raw(holdCommits, 0, holdCommits.length),
    );
    if (!isOk(reply)) throw new Error('the server of the store does not let its files be opened');
    return open();
  } finally {
    link.close();
  }
}

function isOk(reply: Buffer): boolean {
  const elements = new Elements(reply);
  while (elements.next()) if (elements.name() === 'ok') return asNumber(elements.value()) === 1;
  return false;
}
