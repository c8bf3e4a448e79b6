import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatDateTime } from '@vaguemestre/server/codec/imap/date-time';
import { createFetchWriter } from '@vaguemestre/server/codec/imap/fetch-writer';
import { createOctetWriter } from '@vaguemestre/server/codec/imap/octet-writer';
import fc from 'fast-check';

it('writes INTERNALDATE as formatDateTime does, whatever came before', () => {
  const out = createOctetWriter(64);
  const writer = createFetchWriter(out);
  const seconds = fc.oneof(fc.nat(0xffff_ffff), fc.integer({ min: 1_700_000_000, max: 1_700_200_000 }));
  fc.assert(
    fc.property(fc.array(seconds, { minLength: 1, maxLength: 20 }), (dates) => {
      for (const date of dates) {
        writer.begin(1);
        writer.internalDate(date);
        writer.end();
        assert.equal(out.take().toString('latin1'), `* 1 FETCH (INTERNALDATE ${formatDateTime(date)})\r\n`);
      }
    }),
  );
});
