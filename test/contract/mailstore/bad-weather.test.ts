/**
 * The suites of the mailstore once more while connections break after the write, servers step down, write concerns time out,
 * change streams lose their history and answers come late: same results, nothing twice, no order broken. Only on the embedded
 * store, whose fail points and whose socket the test has in its hands.
 */
import { foldsSuite } from './suites/folds.js';
import { messagesSuite } from './suites/messages.js';
import { sessionsSuite } from './suites/sessions.js';

if (process.env['VAGUEMESTRE_MONGODB_URI'] === undefined) {
  messagesSuite('bad');
  messagesSuite('bad', { directCommits: () => undefined });
  sessionsSuite('bad');
  foldsSuite('bad');
}
