import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { stateOfRoot } from '@vaguemestre/server/mailstore/account-state';
import { checkKeyword } from '@vaguemestre/server/mailstore/keyword-table';
import { idOfPath, maxPathBytes, missingParents, normalPath } from '@vaguemestre/server/mailstore/mailbox-path';
import { newRoot } from '@vaguemestre/server/mailstore/new-account';
import { targetBox } from '@vaguemestre/server/mailstore/operations/deliver';

describe('mailbox paths', () => {
  it('are NFC, with INBOX in one spelling', () => {
    assert.equal(normalPath('Re\u0301unions'), 'R\u00e9unions');
    assert.equal(normalPath('inbox/Sub'), 'INBOX/Sub');
    assert.equal(normalPath('a/inbox'), 'a/inbox');
  });

  it('have no empty levels, no control characters, no broken Unicode, and a length', () => {
    for (const path of ['', '/', 'a//b', '/a', 'a/', 'a\u0000b', 'a\nb', 'a\u0085b', 'a\u2028b', '\ud800']) {
      assert.throws(() => normalPath(path), { code: 'invalid' }, JSON.stringify(path));
    }
    assert.equal(normalPath('x'.repeat(maxPathBytes)).length, maxPathBytes);
    assert.throws(() => normalPath('x'.repeat(maxPathBytes + 1)), { code: 'limit' });
    assert.throws(() => normalPath('é'.repeat(maxPathBytes / 2 + 1)), { code: 'limit' });
  });

  it('are looked up without ever failing', () => {
    const state = stateOfRoot(newRoot('acc', 'en', new Date()));
    assert.ok(idOfPath(state, 'iNbOx'));
    assert.equal(idOfPath(state, 'a//b'), undefined);
    assert.deepEqual(missingParents(state, 'a/b/c'), ['a', 'a/b']);
    assert.deepEqual(missingParents(state, 'Archive/2025'), []);
  });

  it('decide where mail with a detail goes', () => {
    const state = stateOfRoot(newRoot('acc', 'fr', new Date()));
    const to = (more: { detail?: string; junk?: boolean }): string => {
      const id = targetBox(state, { account: 'acc' as AccountId, prefix: Buffer.alloc(0), ...more });
      return state.boxes.get(id)!.path;
    };
    assert.equal(to({ detail: 'ARCHIVES' }), 'Archives');
    assert.equal(to({ detail: 'nowhere' }), 'INBOX');
    assert.equal(to({ detail: 'Archives', junk: true }), 'Indésirables');
  });
});

describe('keywords', () => {
  it('are atoms', () => {
    for (const good of ['$Label1', 'Travail', 'a]b'.replace(']', '['), '~x'])
      assert.doesNotThrow(() => checkKeyword(good), good);
    for (const bad of ['', '\\Custom', 'a b', 'a(b', 'é', 'a*', 'a"b', 'x'.repeat(256), 'a\u007f']) {
      assert.throws(() => checkKeyword(bad), { code: 'invalid' }, bad);
    }
  });
});
