/** A draft as the Email that the server is asked to make. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyDraft, isEmpty } from '@vaguemestre/webmail/compose/draft';
import { draftEmail } from '@vaguemestre/webmail/compose/draft-email';

const sender = { from: { name: 'Claire', email: 'claire@labo.example' }, replyTo: null };
const file = { key: '1', name: 'a.pdf', type: 'application/pdf', size: 10, blobId: 'B1', cid: undefined };
const image = { key: '2', name: 'i.png', type: 'image/png', size: 10, blobId: 'B2', cid: 'i@x' };

const plain = { 'header:Content-Type:asText': 'text/plain; format=flowed', partId: 'text' };

describe('the Email of a draft', () => {
  it('is one text part when nothing else is there', () => {
    const email = draftEmail({ ...emptyDraft('k', 'plain'), subject: 's', text: 'bonjour' }, sender, 'D');
    assert.deepEqual(email, {
      mailboxIds: { D: true },
      keywords: { $draft: true, $seen: true },
      from: [sender.from],
      subject: 's',
      bodyStructure: plain,
      bodyValues: { text: { value: 'bonjour' } },
    });
  });

  it('puts files beside, images with the HTML that shows them', () => {
    const draft = { ...emptyDraft('k', 'rich'), html: '<img src="cid:i@x">', files: [file, image] };
    const { bodyStructure } = draftEmail(draft, sender, 'D');
    assert.deepEqual(bodyStructure, {
      type: 'multipart/mixed',
      subParts: [
        {
          type: 'multipart/alternative',
          subParts: [
            plain,
            {
              type: 'multipart/related',
              subParts: [
                { type: 'text/html', partId: 'html' },
                { type: 'image/png', blobId: 'B2', name: 'i.png', disposition: 'inline', cid: 'i@x' },
              ],
            },
          ],
        },
        { type: 'application/pdf', blobId: 'B1', name: 'a.pdf', disposition: 'attachment' },
      ],
    });
  });

  it('leaves out what is still on its way', () => {
    const draft = { ...emptyDraft('k', 'plain'), files: [{ ...file, blobId: undefined }] };
    assert.deepEqual(draftEmail(draft, sender, 'D').bodyStructure, plain);
  });

  it('is not made of nothing', () => {
    assert.equal(isEmpty(emptyDraft('k', 'plain')), true);
    assert.equal(isEmpty({ ...emptyDraft('k', 'rich'), html: '<div><br></div>' }), true);
    assert.equal(isEmpty({ ...emptyDraft('k', 'rich'), html: '<div>x</div>' }), false);
    assert.equal(isEmpty({ ...emptyDraft('k', 'plain'), files: [file] }), false);
  });
});
