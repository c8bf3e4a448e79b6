import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EmailChange } from '@vaguemestre/webmail/jmap/store/email-row';
import { merged, stillMeant } from '@vaguemestre/webmail/jmap/store/late-changes';

const archive: EmailChange = { mailboxes: { inbox: false, archive: true } };

describe('changes that are sent late', () => {
  it('are one for each message, the later word on each mark counting', () => {
    const all = merged([
      ['a', { keywords: { $seen: true, $flagged: true } }],
      ['b', archive],
      ['a', { keywords: { $seen: false } }],
      ['a', archive],
    ]);
    assert.deepEqual(all.get('a'), {
      keywords: { $seen: false, $flagged: true },
      mailboxes: { inbox: false, archive: true },
    });
    assert.deepEqual(all.get('b')?.mailboxes, archive.mailboxes);
  });

  it('move only what is still where it was moved from, mark what is anywhere, and leave out what is gone', () => {
    const changes = new Map([
      ['here', { keywords: { $seen: true }, ...archive }],
      ['moved', { keywords: { $seen: true }, ...archive }],
      ['gone', archive],
    ]);
    const now = new Map([
      ['here', { inbox: true }],
      ['moved', { trash: true }],
    ]);
    const meant = stillMeant(changes, now);
    assert.deepEqual(meant.get('here'), changes.get('here'));
    assert.deepEqual(meant.get('moved'), { keywords: { $seen: true } });
    assert.equal(meant.has('gone'), false);
  });
});
