import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBlobId, parseBlobId } from '@vaguemestre/server/http/jmap/blobs/blob-id';

const id = '0123456789abcdef01234567';

test('the name of a blob comes back out of its id', () => {
  for (const of of ['upload', 'email'] as const) {
    for (const part of [[], [1], [2, 1, 1000]]) {
      const blobId = formatBlobId({ of, id, part });
      assert.match(blobId, /^[A-Za-z0-9_-]{1,255}$/);
      assert.deepEqual(parseBlobId(blobId), { of, id, part });
    }
  }
});

test('what is no blob id has no name', () => {
  for (const wrong of [
    '',
    id,
    `x${id}`,
    `m${id}-`,
    `m${id}-0`,
    `m${id}-01`,
    `m${id}-1_2`,
    `m${id.toUpperCase()}`,
    `m${id}-1`.padEnd(300, '-1'),
  ]) {
    assert.equal(parseBlobId(wrong), undefined, wrong);
  }
});
