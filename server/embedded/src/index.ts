/** The public API of the package: everything else is its own business. */
export { backupStore } from './backup.js';
export { type CommandClient, openCommandClient } from './client/command-client.js';
export { type CommittedReader, openCommittedReader } from './reader.js';
export {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  embeddedUri,
  socketOf,
  startEmbeddedServer,
} from './start.js';
export { type StoreReport, verifyStore } from './verify.js';
