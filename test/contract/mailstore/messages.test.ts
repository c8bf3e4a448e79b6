import { messagesSuite } from './suites/messages.js';

messagesSuite('fine');
// As a worker beside the embedded store: the same tests for both ways.
if (process.env['VAGUEMESTRE_MONGODB_URI'] === undefined) {
  messagesSuite('fine', { committedReads: true, directCommits: () => undefined });
}
