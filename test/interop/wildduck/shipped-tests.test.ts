/**
 * WildDuck's own tests of its parser and its search, as npm ships them, against our codec and our evaluator. Its protocol tests
 * are in protocol.test.ts.
 *
 * Shipped beside them and not run: tests of its command compiler (ours has none: responses are written item by item), of its
 * connection hooks, of its MIME tree (the tests of codec/mime compare with that itself), and of its HTTP interface, filters
 * and POP3 server, which need a running WildDuck.
 */
import { describe } from 'node:test';
import { formatSet } from '@vaguemestre/server/codec/imap/sequence-set';
import { chai, loadBorrowed } from './borrowed-suite.js';
import { searchDeviations } from './deviations.js';
import { register } from './register.js';
import { matchSearchQuery, parseQueryTerms, TextIndexer } from './search-adapter.js';
import { parser } from './token-adapter.js';

describe('WildDuck: parser', () => {
  const tests = loadBorrowed('imap-parser-test.js', {
    chai,
    '../lib/handler/imap-handler': { parser },
  });
  register(tests, {});
});

describe('WildDuck: search', () => {
  const tests = loadBorrowed('search-test.js', {
    chai,
    '../lib/commands/search': { parseQueryTerms },
    '../lib/search': { matchSearchQuery },
    '../lib/indexer/indexer': TextIndexer,
  });
  register(tests, searchDeviations);
});

describe('WildDuck: tools', () => {
  const tests = loadBorrowed('tools-test.js', { chai, '../lib/imap-tools': { packMessageRange: formatSet } });
  register(tests, {});
});
