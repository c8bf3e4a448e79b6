import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { program, unlessInstalled } from '../../harness/programs.js';

/** Python's imaplib: what scripts in laboratories are written with. */
const skip = unlessInstalled('python3');
let laboratory: Laboratory;

before(async () => {
  if (!skip) laboratory = await openLaboratory(['python']);
});
after(() => laboratory?.stop());

const script = `
import imaplib, ssl, sys, time
host, port, user, password = sys.argv[1:]
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
client = imaplib.IMAP4_SSL(host, int(port), ssl_context=context)
def ok(reply):
    assert reply[0] == 'OK', reply
    return reply[1]
ok(client.login(user, password))
ok(client.create('"Un dossier"'))
body = b'Subject: one\\r\\nFrom: a@b.example\\r\\n\\r\\nhello\\r\\n'
for number in range(5):
    ok(client.append('"Un dossier"', '(\\\\Seen)', imaplib.Time2Internaldate(time.time()), body.replace(b'one', b'n%d' % number)))
assert ok(client.select('"Un dossier"')) == [b'5']
assert ok(client.search(None, 'SUBJECT', '"n3"')) == [b'4']
assert ok(client.fetch('4', '(BODY.PEEK[])'))[0][1] == body.replace(b'one', b'n3')
ok(client.store('2:3', '+FLAGS', '(\\\\Deleted)'))
assert ok(client.expunge()) == [b'2', b'2'] or ok(client.select('"Un dossier"')) == [b'3']
ok(client.copy('1:*', 'INBOX'))
assert ok(client.status('INBOX', '(MESSAGES)')) == [b'INBOX (MESSAGES 3)'] or ok(client.status('INBOX', '(MESSAGES)')) == [b'"INBOX" (MESSAGES 3)']
ok(client.close())
ok(client.rename('"Un dossier"', '"Autre"'))
ok(client.delete('"Autre"'))
client.logout()
print('done')
`;

test('imaplib works through a life of messages', { skip }, () => {
  const args = [
    '127.0.0.1',
    String(laboratory.service.port('imaps')),
    laboratory.address('python'),
    laboratory.password,
  ];
  const output = execFileSync(program('python3'), ['-c', script, ...args], { encoding: 'utf8', timeout: 30_000 });
  assert.equal(output.trim(), 'done');
});
