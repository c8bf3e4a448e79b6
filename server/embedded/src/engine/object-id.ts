/** New ObjectIds: seconds, five random bytes of this process, a counter. */
import { randomBytes } from 'node:crypto';

const processBytes = randomBytes(5);
let counter = randomBytes(3).readUIntBE(0, 3);

export function newObjectId(): Buffer {
  const id = Buffer.allocUnsafe(12);
  id.writeUInt32BE(Math.floor(Date.now() / 1000), 0);
  processBytes.copy(id, 4);
  counter = (counter + 1) & 0xffffff;
  id.writeUIntBE(counter, 9, 3);
  return id;
}
