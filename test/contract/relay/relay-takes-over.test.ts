/** What one writes in the webmail, over the calls that it makes: held without a relay, sent once there is one, answered from outside. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type RelayService, sendMail, startRelayService, until } from '../../harness/relay-service.js';
import { type WebClient, webClient } from '../../harness/web-client.js';

interface Sent {
  readonly deliveryStatus: Readonly<Record<string, { readonly smtpReply: string; readonly delivered: string }>>;
}

describe('a letter to the outside', () => {
  let folder: string;
  let lab: RelayService | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vm-relay-over-'));
  });
  after(async () => {
    await lab?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function signIn(): Promise<{ client: WebClient; accountId: string }> {
    const client = webClient({ port: lab!.service.port('http') });
    await client.signIn('anne@labo.example', lab!.password);
    const session = (await client.get('/jmap/session')).json<{ primaryAccounts: Record<string, string> }>();
    return { client, accountId: Object.values(session.primaryAccounts)[0]! };
  }

  async function call<T>(
    { client, accountId }: { client: WebClient; accountId: string },
    method: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<T> {
    const using = ['core', 'mail', 'submission'].map((name) => `urn:ietf:params:jmap:${name}`);
    const reply = await client.post('/jmap/api', { using, methodCalls: [[method, { accountId, ...args }, '0']] });
    assert.equal(reply.status, 200, reply.text);
    return reply.json<{ methodResponses: [string, T, string][] }>().methodResponses[0]![1];
  }

  it('waits while there is no relay, and its sender sees that', async () => {
    lab = await startRelayService(['anne'], { service: { folder, environment: { VAGUEMESTRE_PARTS: 'mailbox,web' } } });
    const web = await signIn();
    const boxes = await call<{ list: { id: string; role: string }[] }>(web, 'Mailbox/get', { ids: null });
    const drafts = boxes.list.find(({ role }) => role === 'drafts') ?? boxes.list[0]!;
    const { created } = await call<{ created: Record<string, { id: string }> }>(web, 'Email/set', {
      create: {
        letter: {
          mailboxIds: { [drafts.id]: true },
          from: [{ email: 'anne@labo.example' }],
          to: [{ email: 'zoe@outside.example' }],
          subject: 'Question',
          bodyStructure: { type: 'text/plain', partId: '1' },
          bodyValues: { 1: { value: 'Quand ?' } },
        },
      },
    });
    const { list } = await call<{ list: { id: string }[] }>(web, 'Identity/get', { ids: null });
    const envelope = { mailFrom: { email: 'anne@labo.example' }, rcptTo: [{ email: 'zoe@outside.example' }] };
    const emailId = created['letter']!.id;
    const create = { one: { identityId: list[0]!.id, emailId, envelope } };
    const sent = await call<{ created: Record<string, { id: string }> }>(web, 'EmailSubmission/set', { create });
    const { id } = sent.created['one']!;
    await until('it is held', async () => {
      const got = await call<{ list: Sent[] }>(web, 'EmailSubmission/get', { ids: [id] });
      return got.list[0]!.deliveryStatus['zoe@outside.example']?.smtpReply.startsWith('450') === true;
    });
    await lab.close();
    assert.equal(lab.outside.messages.length, 0);
  });

  it('leaves as soon as a relay runs, once, and is answered', async () => {
    lab = await startRelayService([], { service: { folder } });
    const { outside } = lab;
    await until('it left', () => outside.messages.length > 0);
    const [letter] = outside.messages;
    assert.match(letter!.mail, /<anne@labo\.example>/);
    const content = letter!.content.toString();
    assert.match(content, /^Received: from relay\.labo\.example \(local\)\r\n\tby relay\.labo\.example with HTTP id /);
    assert.match(content, /\r\nSubject: Question\r\n/);
    const messageId = /\r\nMessage-ID: (<[^>]+>)/i.exec(content)?.[1];
    assert.ok(messageId);
    const client = await lab.talk('smtp');
    const replies = await sendMail(client, {
      from: '<zoe@outside.example>',
      to: ['<anne@labo.example>'],
      content: `From: zoe@outside.example\r\nSubject: Re: Question\r\nIn-Reply-To: ${messageId}\r\n\r\nDemain.`,
    });
    assert.equal(replies.at(-1)!.code, 250);
    const [answer] = await lab.inbox('anne', 1);
    assert.match(answer!, /\r\nSubject: Re: Question\r\n/);
    assert.equal(outside.messages.length, 1);
  });
});
