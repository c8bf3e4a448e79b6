/** What the reader is told of a message that was sent. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveryStatus, EmailSubmission } from '@vaguemestre/shared/jmap/submission';
import { deliveryFacts } from '@vaguemestre/webmail/reading/delivery';

const now = new Date('2026-11-24T12:00:00Z');
const status = (delivered: DeliveryStatus['delivered'], smtpReply: string): DeliveryStatus => ({
  delivered,
  smtpReply,
  displayed: 'unknown',
});
const submission = (more: Partial<EmailSubmission>): EmailSubmission => ({
  id: 's',
  identityId: 'i',
  emailId: 'e',
  threadId: 't',
  envelope: null,
  sendAt: '2026-11-24T11:00:00Z',
  undoStatus: 'final',
  deliveryStatus: null,
  dsnBlobIds: [],
  mdnBlobIds: [],
  ...more,
});

describe('what became of a sent message', () => {
  it('is nothing when it was never submitted', () => assert.deepEqual(deliveryFacts([], now), []));
  it('is when it leaves, as long as it can be taken back', () => {
    const later = submission({ undoStatus: 'pending', sendAt: '2026-11-25T08:00:00Z' });
    assert.deepEqual(deliveryFacts([later], now), [
      { kind: 'waiting', at: new Date('2026-11-25T08:00:00Z'), submissionId: 's' },
    ]);
  });
  it('is who has it, who waits and who does not get it', () => {
    const deliveryStatus = {
      'a@labo.example': status('yes', '250 2.1.5 Delivered'),
      'b@x.example': status('queued', '450 4.4.0 No way out yet'),
      'c@labo.example': status('no', '552 5.2.2 Full'),
      'd@labo.example': status('no', '552 5.2.2 Full'),
      'e@labo.example': status('queued', '250 2.0.0 Accepted'),
    };
    assert.deepEqual(deliveryFacts([submission({ deliveryStatus })], now), [
      { kind: 'failed', people: ['c@labo.example', 'd@labo.example'], reply: '552 5.2.2 Full' },
      { kind: 'held', people: ['b@x.example'], reply: '450 4.4.0 No way out yet' },
      { kind: 'underWay', people: ['e@labo.example'] },
    ]);
  });
  it('is that all have it, and of several submissions the newest', () => {
    const all = submission({ deliveryStatus: { 'a@labo.example': status('yes', '250 2.1.5 Delivered') } });
    const before = submission({ undoStatus: 'canceled', sendAt: '2026-11-24T10:00:00Z' });
    assert.deepEqual(deliveryFacts([before, all], now), [{ kind: 'delivered' }]);
    assert.deepEqual(deliveryFacts([before], now), [{ kind: 'takenBack' }]);
  });
});
