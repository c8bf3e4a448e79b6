/**
 * WildDuck's protocol tests, as npm ships them, against our server on a real socket over the model of a mailstore. Their
 * `prepare.sh` (which fills a database through WildDuck's HTTP interface) is replaced by wildduck-account.ts.
 */
import { after, before, describe } from 'node:test';
import { type ImapService, startImapService } from '../../harness/imap-service.js';
import { chai, loadBorrowed } from './borrowed-suite.js';
import { protocolDeviations, spellings } from './deviations.js';
import { register } from './register.js';
import { type TestClientOptions, testClient } from './test-client.js';
import { prepareAccount, wildduckAuthenticator } from './wildduck-account.js';

describe('WildDuck: protocol', () => {
  let service: ImapService;
  before(async () => {
    service = await startImapService({ authenticator: wildduckAuthenticator });
  });
  after(() => service.close());

  const tests = loadBorrowed('protocol-test.js', {
    chai,
    'wild-config': { dbs: { dbname: 'wildduck' } },
    './test-client.js': (options: TestClientOptions, callback: (responses: Buffer) => void) =>
      testClient(service.port, options, (responses) => callback(inTheirSpelling(options, responses))),
    child_process: {
      exec(_command: string, _options: unknown, done: (error: unknown, out: string, err: string) => void) {
        prepareAccount(service.mailstore).then(
          () => done(null, '', ''),
          (error) => done(error, '', ''),
        );
      },
    },
    // Its limits of a mailbox name; a require of its own would load WildDuck's configuration.
    '../../lib/consts.js': { MAX_SUB_MAILBOXES: 128, MAX_MAILBOX_NAME_LENGTH: 512 },
  });
  register(tests, protocolDeviations);
});

/** What both say, in WildDuck's words: the tests look at octets. */
function inTheirSpelling({ commands }: TestClientOptions, responses: Buffer): Buffer {
  let text = responses.toString('latin1');
  for (const { when, ours, theirs } of spellings) {
    if (commands.some((command) => typeof command === 'string' && when.test(command))) {
      text = text.replaceAll(ours, theirs);
    }
  }
  return Buffer.from(text, 'latin1');
}
