import { sessionsSuite } from './suites/sessions.js';

sessionsSuite('fine');
