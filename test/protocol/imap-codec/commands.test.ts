import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, rejection } from './parsing.js';

/** Commands and what they mean. Strings that are given twice are the same in both spellings. */
const accepted: readonly (readonly [string, object])[] = [
  ['CAPABILITY', { kind: 'capability' }],
  ['capability', { kind: 'capability' }],
  ['NOOP ', { kind: 'noop' }],
  ['LOGOUT', { kind: 'logout' }],
  ['STARTTLS', { kind: 'starttls' }],
  ['NAMESPACE', { kind: 'namespace' }],
  ['IDLE', { kind: 'idle' }],
  ['CHECK', { kind: 'check' }],
  ['CLOSE', { kind: 'close' }],
  ['UNSELECT', { kind: 'unselect' }],
  ['EXPUNGE', { kind: 'expunge' }],

  ['ID NIL', { kind: 'id', parameters: undefined }],
  ['ID ()', { kind: 'id', parameters: [] }],
  [
    'ID ("name" "Thunderbird" "version" NIL)',
    {
      kind: 'id',
      parameters: [
        ['name', 'Thunderbird'],
        ['version', null],
      ],
    },
  ],
  ['ID ("name" {3+}\r\nabc)', { kind: 'id', parameters: [['name', 'abc']] }],

  ['LOGIN anne secret', { kind: 'login', user: 'anne', password: Buffer.from('secret') }],
  ['LOGIN "anne" "se\\"c\\\\ret"', { kind: 'login', user: 'anne', password: Buffer.from('se"c\\ret') }],
  ['LOGIN {4+}\r\nanne {6+}\r\nsecret', { kind: 'login', user: 'anne', password: Buffer.from('secret') }],
  ['LOGIN "ann\u00e9" ]+]', { kind: 'login', user: 'ann\u00e9', password: Buffer.from(']+]') }],
  ['LOGIN anne ""', { kind: 'login', user: 'anne', password: Buffer.from('') }],
  ['AUTHENTICATE plain', { kind: 'authenticate', mechanism: 'PLAIN', initialResponse: undefined }],
  ['AUTHENTICATE PLAIN =', { kind: 'authenticate', mechanism: 'PLAIN', initialResponse: Buffer.alloc(0) }],
  ['AUTHENTICATE PLAIN AGEAYg==', { kind: 'authenticate', mechanism: 'PLAIN', initialResponse: Buffer.from('\0a\0b') }],
  ['ENABLE CONDSTORE x-unknown', { kind: 'enable', capabilities: ['CONDSTORE', 'X-UNKNOWN'] }],

  ['SELECT inbox', { kind: 'select', mailbox: 'INBOX', readOnly: false, condstore: false, qresync: undefined }],
  [
    'EXAMINE "Inbox/a b" (CONDSTORE)',
    { kind: 'select', mailbox: 'INBOX/a b', readOnly: true, condstore: true, qresync: undefined },
  ],
  [
    'SELECT x (QRESYNC (67890007 90060115194045000))',
    {
      kind: 'select',
      mailbox: 'x',
      readOnly: false,
      condstore: false,
      qresync: { uidValidity: 67890007, modseq: 90060115194045000, knownUids: undefined, match: undefined },
    },
  ],
  [
    'SELECT x (QRESYNC (1 2 41:211,5 (1,9 5,45)) CONDSTORE)',
    {
      kind: 'select',
      mailbox: 'x',
      readOnly: false,
      condstore: true,
      qresync: {
        uidValidity: 1,
        modseq: 2,
        knownUids: [
          [5, 5],
          [41, 211],
        ],
        match: {
          sequences: [
            [1, 1],
            [9, 9],
          ],
          uids: [
            [5, 5],
            [45, 45],
          ],
        },
      },
    },
  ],
  ['CREATE owatagusiam/', { kind: 'create', mailbox: 'owatagusiam', use: [] }],
  ['CREATE MySent (USE (\\Drafts \\Sent))', { kind: 'create', mailbox: 'MySent', use: ['\\Drafts', '\\Sent'] }],
  ['DELETE {3+}\r\na b', { kind: 'delete', mailbox: 'a b' }],
  ['RENAME a "b/c"', { kind: 'rename', from: 'a', to: 'b/c' }],
  ['SUBSCRIBE "R&AOk-union"', { kind: 'subscribe', mailbox: 'R\u00e9union' }],
  ['UNSUBSCRIBE a', { kind: 'unsubscribe', mailbox: 'a' }],
  ['GETQUOTAROOT INBOX', { kind: 'getQuotaRoot', mailbox: 'INBOX' }],
  ['GETQUOTA ""', { kind: 'getQuota', root: '' }],
  ['SETQUOTA "" (STORAGE 512)', { kind: 'setQuota', root: '', resources: [{ name: 'STORAGE', limit: 512 }] }],
  ['STATUS blurdy (UIDNEXT MESSAGES UIDNEXT)', { kind: 'status', mailbox: 'blurdy', items: ['uidNext', 'messages'] }],
  [
    'STATUS a (SIZE DELETED HIGHESTMODSEQ APPENDLIMIT MAILBOXID RECENT UNSEEN UIDVALIDITY)',
    {
      kind: 'status',
      mailbox: 'a',
      items: ['size', 'deleted', 'highestModseq', 'appendLimit', 'mailboxId', 'recent', 'unseen', 'uidValidity'],
    },
  ],

  ['LIST "" ""', { kind: 'list', reference: '', patterns: [''], select: undefined, return: undefined }],
  ['LIST "" %', { kind: 'list', reference: '', patterns: ['%'], select: undefined, return: undefined }],
  [
    'LIST "" imaptest/%',
    { kind: 'list', reference: '', patterns: ['imaptest/%'], select: undefined, return: undefined },
  ],
  [
    'LIST () "" ("INBOX" "R&AOk-*") RETURN ()',
    {
      kind: 'list',
      reference: '',
      patterns: ['INBOX', 'R\u00e9*'],
      select: { subscribed: false, remote: false, recursiveMatch: false, specialUse: false },
      return: { subscribed: false, children: false, specialUse: false, status: undefined },
    },
  ],
  [
    'LIST (SUBSCRIBED RECURSIVEMATCH REMOTE SPECIAL-USE) "" % RETURN (CHILDREN SUBSCRIBED SPECIAL-USE STATUS (UNSEEN))',
    {
      kind: 'list',
      reference: '',
      patterns: ['%'],
      select: { subscribed: true, remote: true, recursiveMatch: true, specialUse: true },
      return: { subscribed: true, children: true, specialUse: true, status: ['unseen'] },
    },
  ],
  // RFC 9051 5.1.3 does not know this encoding: nothing matches it, and nothing breaks.
  ['LIST "" "&bad"', { kind: 'list', reference: '', patterns: ['\uffff'], select: undefined, return: undefined }],
  ['LSUB "" "a%"', { kind: 'lsub', reference: '', pattern: 'a%' }],

  ['COPY 2:4 MEETING', { kind: 'copy', uid: false, set: { kind: 'written', ranges: [[2, 4]] }, mailbox: 'MEETING' }],
  ['UID MOVE $ "a"', { kind: 'move', uid: true, set: { kind: 'saved' }, mailbox: 'a' }],
  ['UID EXPUNGE 3000:3002', { kind: 'uidExpunge', set: { kind: 'written', ranges: [[3000, 3002]] } }],

  [
    'STORE 2:4 +FLAGS (\\deleted \\DELETED $Junk $junk)',
    {
      kind: 'store',
      uid: false,
      set: { kind: 'written', ranges: [[2, 4]] },
      mode: 'add',
      silent: false,
      flags: ['\\Deleted', '$Junk'],
      unchangedSince: undefined,
    },
  ],
  [
    'UID STORE 1,* (UNCHANGEDSINCE 0) -FLAGS.SILENT \\Seen foo \\Recent',
    {
      kind: 'store',
      uid: true,
      set: {
        kind: 'written',
        ranges: [
          [1, 1],
          [0, 0],
        ],
      },
      mode: 'remove',
      silent: true,
      flags: ['\\Seen', 'foo'],
      unchangedSince: 0,
    },
  ],
  [
    'STORE *:3 FLAGS ()',
    {
      kind: 'store',
      uid: false,
      set: { kind: 'written', ranges: [[0, 3]] },
      mode: 'replace',
      silent: false,
      flags: [],
      unchangedSince: undefined,
    },
  ],
];

for (const [line, expected] of accepted) {
  test(`accepts ${JSON.stringify(line)}`, () => {
    assert.deepEqual(parse(line), expected);
  });
}

/** Commands that the grammar does not have, and a word of the answer. */
const rejected: readonly (readonly [string, RegExp])[] = [
  ['', /a command/],
  ['FOO', /Unknown command FOO/],
  ['UID NOOP', /Unknown command UID NOOP/],
  ['UID', /space/],
  ['NOOP x', /end of the command/],
  ['NOOPx', /Unknown/],
  ['ID', /space/],
  ['ID (name "x")', /name of a field/],
  ['ID ("name")', /space/],
  ['LOGIN anne', /space/],
  ['LOGIN anne ', /password/],
  ['LOGIN anne a*b', /end of the command/],
  ['LOGIN anne "x', /closing quote/],
  ['LOGIN anne "a\\b"', /only before/],
  ['LOGIN anne secret more', /end of the command/],
  ['LOGIN anne ~{3+}\r\nabc', /end of the command/],
  ['LOGIN anne {3+}\r\na\0c', /NUL/],
  ['LOGIN "\u00e9" {2+}\r\nab{', /end of the command/],
  ['AUTHENTICATE', /space/],
  ['AUTHENTICATE PLAIN A', /base64/],
  ['AUTHENTICATE PLAIN A===', /base64/],
  ['AUTHENTICATE PLAIN AB*=', /base64/],
  ['ENABLE', /space/],
  ['SELECT', /space/],
  ['SELECT a ()', /CONDSTORE/],
  ['SELECT a (FOO)', /FOO/],
  ['SELECT a (QRESYNC (0 1))', /UIDVALIDITY/],
  ['SELECT a (QRESYNC (1 1 1:*))', /number/],
  ['SELECT a*', /end of the command/],
  ['CREATE a (USE)', /space/],
  ['CREATE a (FOO (\\Sent))', /FOO/],
  ['RENAME a', /space/],
  ['STATUS a ()', /STATUS data item/],
  ['STATUS a (FOO)', /FOO/],
  ['STATUS a MESSAGES', /'\('/],
  ['LIST ""', /space/],
  ['LIST (RECURSIVEMATCH) "" *', /RECURSIVEMATCH/],
  ['LIST (RECURSIVEMATCH REMOTE) "" *', /RECURSIVEMATCH/],
  ['LIST (FOO) "" *', /FOO/],
  ['LIST "" () RETURN (CHILDREN)', /pattern/],
  ['LIST "" * RETURN', /space/],
  ['LIST "" * RETURN (FOO)', /FOO/],
  ['LIST "" * FOO', /RETURN/],
  ['COPY 0 a', /message number/],
  ['COPY 1: a', /message number/],
  ['COPY 1,,2 a', /message number/],
  ['COPY 4294967296 a', /smaller number/],
  ['COPY 1:2:3 a', /space/],
  ['COPY $,1 a', /space/],
  ['STORE 1 FLAGS', /space/],
  ['STORE 1 FLAG (x)', /FLAG/],
  ['STORE 1 +FLAGS (\\Foo)', /no system flag/],
  ['STORE 1 +FLAGS (\\*)', /name of a flag/],
  ['STORE 1 +FLAGS (a  b)', /flag/],
  ['STORE 1 (UNCHANGEDSINCE) FLAGS a', /space/],
  ['STORE 1 () FLAGS a', /UNCHANGEDSINCE/],
  ['APPEND', /space/],
  ['APPEND a', /space/],
  ['APPEND a "x"', /date/],
];

for (const [line, reason] of rejected) {
  test(`rejects ${JSON.stringify(line)}`, () => {
    const error = rejection(line);
    assert.match(error.text, reason);
    assert.equal(error.tag, 'A');
    assert.equal(error.status, 'BAD');
  });
}

test('says which command is unknown as such, so that strangers can be told from mistakes', () => {
  assert.equal(rejection('GET / HTTP/1.1').unknownCommand, true);
  assert.equal(rejection('NOOP x').unknownCommand, false);
});

test('a name that cannot be is refused with NO [CANNOT]', () => {
  for (const name of ['""', '"a//b"', '"/a"', '"&AA"', '"&AGE-"', '"\u00e9"', '"&AAo-"']) {
    const error = rejection(`SELECT ${name}`);
    assert.deepEqual([error.status, error.code, error.tag], ['NO', 'CANNOT', 'A'], name);
  }
});

test('in UTF-8 mode names are UTF-8 and & is a letter', () => {
  assert.deepEqual(parse('DELETE "R\u00e9 & &AOk-"', true), { kind: 'delete', mailbox: 'R\u00e9 & &AOk-' });
  assert.deepEqual(parse('DELETE "e\u0301"', true), { kind: 'delete', mailbox: '\u00e9' });
  assert.equal(rejection(Buffer.from([...Buffer.from('DELETE "'), 0xff, 0x22]), true).code, 'CANNOT');
});
