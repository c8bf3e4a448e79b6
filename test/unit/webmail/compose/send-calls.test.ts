/** Sending as JMAP calls: what is asked, and in which order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyDraft } from '@vaguemestre/webmail/compose/draft';
import { afterSending, sendCalls } from '@vaguemestre/webmail/compose/send-calls';
import { takeBack } from '@vaguemestre/webmail/compose/take-back';
import type { JmapClient } from '@vaguemestre/webmail/jmap/client';

const sender = { from: { name: 'Claire', email: 'claire@labo.example' }, replyTo: null };
const places = { identityId: 'i', draftsId: 'D', sentId: 'S' };
const to = (email: string) => ({ name: null, email });
const draft = {
  ...emptyDraft('k', 'plain'),
  to: [to('p@x.example')],
  cc: [to('P@X.example')],
  bcc: [to('q@x.example')],
};

describe('sending', () => {
  it('makes the message and submits it, to each address once, hidden ones too', () => {
    const { email, submission } = sendCalls(draft, sender, places, { holdSeconds: 20 });
    assert.deepEqual(Object.keys(email), ['create']);
    assert.deepEqual(submission.create, {
      sending: {
        identityId: 'i',
        emailId: '#message',
        envelope: {
          mailFrom: { email: 'claire@labo.example', parameters: { HOLDFOR: '20' } },
          rcptTo: [{ email: 'P@X.example' }, { email: 'q@x.example' }],
        },
      },
    });
  });
  it('waits until a moment when asked to (RFC 4865)', () => {
    const calls = sendCalls(draft, sender, places, { at: new Date('2026-12-01T08:00:00.500Z') });
    assert.match(JSON.stringify(calls), /"HOLDUNTIL":"2026-12-01T08:00:00Z"/);
  });
  it('cleans up only afterwards', () => {
    assert.deepEqual(afterSending(draft), undefined);
    const more = { ...draft, emailId: 'e2', olderCopies: ['e1'], answers: { emailId: 'm', how: 'reply' as const } };
    assert.deepEqual(afterSending(more), { destroy: ['e1', 'e2'], update: { m: { 'keywords/$answered': true } } });
  });
});

describe('taking back', () => {
  const calls: unknown[] = [];
  const client = (notUpdated: object): JmapClient =>
    ({
      call(name: string, args: object) {
        calls.push([name, args]);
        return { result: Promise.resolve({ notUpdated }), ref: () => assert.fail() };
      },
    }) as unknown as JmapClient;
  const sent = { submissionId: 's', emailId: 'e' };

  it('ends the submission, then makes the message a draft again', async () => {
    calls.length = 0;
    assert.equal(await takeBack(client({}), sent, places), true);
    assert.deepEqual(calls, [
      ['EmailSubmission/set', { update: { s: { undoStatus: 'canceled' } } }],
      ['Email/set', { update: { e: { 'mailboxIds/S': null, 'mailboxIds/D': true, 'keywords/$draft': true } } }],
    ]);
  });
  it('leaves the message among what was sent when it is too late', async () => {
    calls.length = 0;
    assert.equal(await takeBack(client({ s: { type: 'cannotUnsend' } }), sent, places), false);
    assert.equal(calls.length, 1);
  });
});
