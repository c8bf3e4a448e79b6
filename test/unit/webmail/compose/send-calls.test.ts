/** Sending as JMAP calls: what is asked, and in which order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyDraft } from '@vaguemestre/webmail/compose/draft';
import { afterSendingCalls, draftAgainCalls, sendCalls, takeBackCalls } from '@vaguemestre/webmail/compose/send-calls';

const sender = { from: { name: 'Claire', email: 'claire@labo.example' }, replyTo: null };
const places = { accountId: 'a', identityId: 'i', draftsId: 'D', sentId: 'S' };
const to = (email: string) => ({ name: null, email });
const draft = {
  ...emptyDraft('k', 'plain'),
  to: [to('p@x.example')],
  cc: [to('P@X.example')],
  bcc: [to('q@x.example')],
};

describe('sending', () => {
  it('makes the message and submits it, to each address once, hidden ones too', () => {
    const [email, submission] = sendCalls(draft, sender, places, { holdSeconds: 20 });
    assert.equal(email?.[0], 'Email/set');
    assert.equal('destroy' in (email?.[1] ?? {}), false);
    assert.deepEqual(submission?.[1]['create'], {
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
    assert.deepEqual(afterSendingCalls(draft, 'a'), []);
    const more = { ...draft, emailId: 'e2', olderCopies: ['e1'], answers: { emailId: 'm', how: 'reply' as const } };
    assert.deepEqual(afterSendingCalls(more, 'a'), [
      ['Email/set', { accountId: 'a', destroy: ['e1', 'e2'], update: { m: { 'keywords/$answered': true } } }, 'after'],
    ]);
  });
  it('is taken back by its submission, and is a draft again', () => {
    assert.deepEqual(takeBackCalls('a', 's')[0]?.[1], { accountId: 'a', update: { s: { undoStatus: 'canceled' } } });
    assert.deepEqual(draftAgainCalls(places, 'e')[0]?.[1]['update'], {
      e: { 'mailboxIds/S': null, 'mailboxIds/D': true, 'keywords/$draft': true },
    });
  });
});
