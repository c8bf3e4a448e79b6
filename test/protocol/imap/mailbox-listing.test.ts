import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListCommand, LsubCommand } from '@vaguemestre/server/codec/imap/list';
import { compileListPattern } from '@vaguemestre/server/codec/imap/list-pattern';
import { type ListedName, listNames, lsubNames, matchingNames } from '@vaguemestre/server/imap/mailbox-listing';
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
    sortOrder: 0,
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

async function listed(args: string, infos = all, names = subscriptions): Promise<ListedName[]> {
  const command = parse(`LIST ${args}`) as ListCommand;
  const patterns = command.patterns.map((pattern) => compileListPattern(command.reference, pattern));
  const matching = await matchingNames(patterns, [...infos.map((info) => info.path), ...names]);
  return listNames(command, infos, names, matching);
}

async function list(args: string): Promise<string[]> {
  return (await listed(args)).map((name) => {
    const children = name.childInfo === undefined ? '' : ` <${name.childInfo.join(' ')}>`;
    return `${name.path} (${name.attributes.join(' ')})${children}`;
  });
}

async function lsub(args: string): Promise<string[]> {
  const command = parse(`LSUB ${args}`) as LsubCommand;
  const matching = await matchingNames([compileListPattern(command.reference, command.pattern)], subscriptions);
  return lsubNames(subscriptions, matching).map((name) => `${name.path} (${name.attributes.join(' ')})`);
}

test('plain LIST shows what is there, with children and special uses', async () => {
  assert.deepEqual(await list('"" *'), [
    'INBOX (\\HasChildren)',
    'INBOX/from Anne (\\HasNoChildren)',
    'Sent (\\HasNoChildren \\Sent)',
    'fruit (\\HasChildren)',
    'fruit/apple (\\HasNoChildren)',
    'fruit/pear (\\HasChildren)',
    'fruit/pear/green (\\HasNoChildren)',
    'tokyo (\\HasNoChildren)',
  ]);
  assert.deepEqual(await list('"" %'), [
    'INBOX (\\HasChildren)',
    'Sent (\\HasNoChildren \\Sent)',
    'fruit (\\HasChildren)',
    'tokyo (\\HasNoChildren)',
  ]);
  assert.deepEqual(await list('fruit/ %'), ['fruit/apple (\\HasNoChildren)', 'fruit/pear (\\HasChildren)']);
  assert.deepEqual(await list('"" inbox'), ['INBOX (\\HasChildren)']);
  assert.deepEqual(await list('"" nothing'), []);
});

test('a name that several patterns match is shown once', async () => {
  assert.deepEqual(await list('"" ("INBOX" % "tok*" "fruit/pear/%")'), [
    'INBOX (\\HasChildren)',
    'Sent (\\HasNoChildren \\Sent)',
    'fruit (\\HasChildren)',
    'fruit/pear/green (\\HasNoChildren)',
    'tokyo (\\HasNoChildren)',
  ]);
});

test('SUBSCRIBED shows names whose mailbox is gone, and no others', async () => {
  assert.deepEqual(await list('(SUBSCRIBED) "" *'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
    'fruit/apple (\\HasNoChildren \\Subscribed)',
    'fruit/peach (\\NonExistent \\Subscribed)',
    'gone/deep/down (\\NonExistent \\Subscribed)',
  ]);
  assert.deepEqual(await list('(SUBSCRIBED) "" %'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
  ]);
});

test('RETURN (SUBSCRIBED) marks, and adds nothing', async () => {
  assert.deepEqual(await list('"" fruit/% RETURN (SUBSCRIBED CHILDREN)'), [
    'fruit/apple (\\HasNoChildren \\Subscribed)',
    'fruit/pear (\\HasChildren)',
  ]);
});

test('SPECIAL-USE selects', async () => {
  assert.deepEqual(await list('(SPECIAL-USE) "" *'), ['Sent (\\HasNoChildren \\Sent)']);
  assert.deepEqual(await list('(SPECIAL-USE SUBSCRIBED) "" *'), ['Sent (\\HasNoChildren \\Sent \\Subscribed)']);
});

test('RECURSIVEMATCH shows the parents of what is selected', async () => {
  assert.deepEqual(await list('(SUBSCRIBED RECURSIVEMATCH) "" %'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
    'fruit (\\HasChildren) <SUBSCRIBED>',
    // Not even a mailbox: shown because what is below it is not shown itself (RFC 5258 3).
    'gone (\\NonExistent) <SUBSCRIBED>',
  ]);
  assert.deepEqual(await list('(SUBSCRIBED RECURSIVEMATCH) "" *'), [
    'INBOX (\\HasChildren \\Subscribed)',
    'Sent (\\HasNoChildren \\Sent \\Subscribed)',
    'fruit (\\HasChildren) <SUBSCRIBED>',
    'fruit/apple (\\HasNoChildren \\Subscribed)',
    'fruit/peach (\\NonExistent \\Subscribed)',
    'gone/deep/down (\\NonExistent \\Subscribed)',
  ]);
  assert.deepEqual(await list('(SPECIAL-USE RECURSIVEMATCH) "" %'), ['Sent (\\HasNoChildren \\Sent)']);
});

test('LSUB: with % the parent of a subscribed name is shown as \\Noselect', async () => {
  assert.deepEqual(await lsub('"" *'), [
    'INBOX ()',
    'Sent ()',
    'fruit/apple ()',
    'fruit/peach ()',
    'gone/deep/down ()',
  ]);
  assert.deepEqual(await lsub('"" %'), ['INBOX ()', 'Sent ()', 'fruit (\\Noselect)', 'gone (\\Noselect)']);
  assert.deepEqual(await lsub('"" gone/%'), ['gone/deep (\\Noselect)']);
  assert.deepEqual(await lsub('gone/ %'), ['gone/deep (\\Noselect)']);
  assert.deepEqual(await lsub('"" fruit/apple'), ['fruit/apple ()']);
});

test('five thousand mailboxes with deep names are listed without holding the thread', async () => {
  const deep = 'a/'.repeat(100);
  const many = Array.from({ length: 5000 }, (_, i) => mailbox(`${deep}${i}`, true));
  const started = performance.now();
  let longest = 0;
  let last = started;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const paths = many.map((info) => info.path);
  const names = await listed('(SUBSCRIBED RECURSIVEMATCH) "" ("%" "*9%" "*a*a*a*a*a*a*a*a*a*")', many, paths);
  clearInterval(timer);
  assert.ok(names.length > 0);
  assert.ok(performance.now() - started < 10_000);
  assert.ok(longest < 500, `${longest} ms`);
});
