import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListCommand, LsubCommand } from '@vaguemestre/server/codec/imap/list';
import { listNames, lsubNames } from '@vaguemestre/server/imap/mailbox-listing';
import type { MailboxId, ModSeq } from '@vaguemestre/server/kernel/ids';
import type { MailboxInfo, MailboxRole } from '@vaguemestre/server/mailstore/mailbox';
import { parse } from '../imap-codec/parsing.js';

function mailbox(path: string, subscribed: boolean, role?: MailboxRole): MailboxInfo {
  return {
    id: path as MailboxId,
    path,
    role,
    subscribed,
    uidValidity: 1,
    uidNext: 1,
    highestModseq: 1 as ModSeq,
    exists: 0,
    unseen: 0,
    firstUnseen: 0,
    bytes: 0,
  };
}

const all: readonly MailboxInfo[] = [
  mailbox('INBOX', true, 'inbox'),
  mailbox('INBOX/from Anne', false),
  mailbox('Sent', true, 'sent'),
  mailbox('fruit', false),
  mailbox('fruit/apple', true),
  mailbox('fruit/pear', false),
  mailbox('fruit/pear/green', false),
  mailbox('tokyo', false),
];
/** Two of them have no mailbox any more. */
const subscriptions = ['INBOX', 'Sent', 'fruit/apple', 'fruit/peach', 'gone/deep/down'];

function list(args: string): string[] {
  return listNames(parse(`LIST ${args}`) as ListCommand, all, subscriptions).map((name) => {
    const children = name.childInfo === undefined ? '' : ` <${name.childInfo.join(' ')}>`;
    return `${name.path} (${name.attributes.join(' ')})${children}`;
  });
}

const lsub = (args: string): string[] =>
  lsubNames(parse(`LSUB ${args}`) as LsubCommand, subscriptions).map(
    (name) => `${name.path} (${name.attributes.join(' ')})`,
  );

test('plain LIST shows what is there, with children and special uses', () => {
  assert.deepEqual(list('"" *'), [
    'INBOX (\\HasChildren)',
    'INBOX/from Anne (\\HasNoChildren)',
    'Sent (\\HasNoChildren \\Sent)',
    'fruit (\\HasChildren)',
    'fruit/apple (\\HasNoChildren)',
    'fruit/pear (\\HasChildren)',
    'fruit/pear/green (\\HasNoChildren)',
    'tokyo (\\HasNoChildren)',
  ]);
  assert.deepEqual(list('"" %'), [
    'INBOX (\\HasChildren)',
    'Sent (\\HasNoChildren \\Sent)',
    'fruit (\\HasChildren)',
    'tokyo (\\HasNoChildren)',
  ]);
  assert.deepEqual(list('fruit/ %'), ['fruit/apple (\\HasNoChildren)', 'fruit/pear (\\HasChildren)']);
  assert.deepEqual(list('"" inbox'), ['INBOX (\\HasChildren)']);
  assert.deepEqual(list('"" nothing'), []);
});

test('a name that several patterns match is shown once', () => {
  assert.deepEqual(list('"" ("INBOX" % "tok*" "fruit/pear/%")'), [
    'INBOX (\\HasChildren)',
    'Sent (\\HasNoChildren \\Sent)',
    'fruit (\\HasChildren)',
    'fruit/pear/green (\\HasNoChildren)',
    'tokyo (\\HasNoChildren)',
  ]);
});

test('SUBSCRIBED shows names whose mailbox is gone, and no others', () => {
  assert.deepEqual(list('(SUBSCRIBED) "" *'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
    'fruit/apple (\\HasNoChildren \\Subscribed)',
    'fruit/peach (\\NonExistent \\Subscribed)',
    'gone/deep/down (\\NonExistent \\Subscribed)',
  ]);
  assert.deepEqual(list('(SUBSCRIBED) "" %'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
  ]);
});

test('RETURN (SUBSCRIBED) marks, and adds nothing', () => {
  assert.deepEqual(list('"" fruit/% RETURN (SUBSCRIBED CHILDREN)'), [
    'fruit/apple (\\HasNoChildren \\Subscribed)',
    'fruit/pear (\\HasChildren)',
  ]);
});

test('SPECIAL-USE selects', () => {
  assert.deepEqual(list('(SPECIAL-USE) "" *'), ['Sent (\\HasNoChildren \\Sent)']);
  assert.deepEqual(list('(SPECIAL-USE SUBSCRIBED) "" *'), ['Sent (\\HasNoChildren \\Sent \\Subscribed)']);
});

test('RECURSIVEMATCH shows the parents of what is selected', () => {
  assert.deepEqual(list('(SUBSCRIBED RECURSIVEMATCH) "" %'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
    'fruit (\\HasChildren) <SUBSCRIBED>',
    // Not even a mailbox: shown because what is below it is not shown itself (RFC 5258 3).
    'gone (\\NonExistent) <SUBSCRIBED>',
  ]);
  assert.deepEqual(list('(SUBSCRIBED RECURSIVEMATCH) "" *'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
    'fruit (\\HasChildren) <SUBSCRIBED>',
    'fruit/apple (\\HasNoChildren \\Subscribed)',
    'fruit/peach (\\NonExistent \\Subscribed)',
    'gone/deep/down (\\NonExistent \\Subscribed)',
  ]);
  assert.deepEqual(list('(SPECIAL-USE RECURSIVEMATCH) "" %'), ['Sent (\\HasNoChildren \\Sent)']);
});

test('LSUB: with % the parent of a subscribed name is shown as \\Noselect', () => {
  assert.deepEqual(lsub('"" *'), ['INBOX ()', 'Sent ()', 'fruit/apple ()', 'fruit/peach ()', 'gone/deep/down ()']);
  assert.deepEqual(lsub('"" %'), ['INBOX ()', 'Sent ()', 'fruit (\\Noselect)', 'gone (\\Noselect)']);
  assert.deepEqual(lsub('"" gone/%'), ['gone/deep (\\Noselect)']);
  assert.deepEqual(lsub('gone/ %'), ['gone/deep (\\Noselect)']);
  assert.deepEqual(lsub('"" fruit/apple'), ['fruit/apple ()']);
});

test('five thousand mailboxes with deep names are listed at once', () => {
  const deep = 'a/'.repeat(400);
  const many = Array.from({ length: 5000 }, (_, i) => mailbox(`${deep}${i}`, true));
  const started = performance.now();
  const command = parse('LIST (SUBSCRIBED RECURSIVEMATCH) "" (% *9%)') as ListCommand;
  const names = listNames(
    command,
    many,
    many.map((info) => info.path),
  );
  assert.ok(names.length > 0);
  assert.ok(performance.now() - started < 5000);
});
