/** The public API of the package: everything else is its own business. */
export { backupStore } from './backup.js';
export { type CommittedReader, openCommittedReader } from './reader.js';
export { type EmbeddedServer, type EmbeddedServerOptions, embeddedUri, startEmbeddedServer } from './start.js';
export { type StoreReport, verifyStore } from './verify.js';
