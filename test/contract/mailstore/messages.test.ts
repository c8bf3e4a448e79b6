import { messagesSuite } from './suites/messages.js';

messagesSuite('fine');
// The other way to the octets (store design section 6): same tests for both.
if (process.env['VAGUEMESTRE_MONGODB_URI'] === undefined) messagesSuite('fine', true);
