import { messagesSuite } from './suites/messages.js';

messagesSuite('fine');
