/** A process that does nothing but host a server, to be killed: `node crash-host.js DATA SOCKET`. */
import { startEmbeddedServer } from '@vaguemestre/embedded';

const [dataDir, socketPath] = process.argv.slice(2);
if (dataDir && socketPath) {
  await startEmbeddedServer({ dataDir, socketPath });
  process.stdout.write('ready\n');
}
