import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseResponse } from '../../harness/response-parser.js';

describe('the strict reader of IMAP responses', () => {
  it('finds the end of a section whose field names hold brackets, found by a fuzz', () => {
    const response = parseResponse(
      Buffer.from('* 1 FETCH (BODY[HEADER.FIELDS ("From]" To)]<0> NIL BODY[TEXT] {2}\r\n]x)\r\n', 'latin1'),
    );
    assert.equal(response.kind, 'untagged');
    const items = response.kind === 'untagged' ? response.values[0] : undefined;
    assert.deepEqual(items, ['BODY[HEADER.FIELDS ("From]" To)]<0>', null, 'BODY[TEXT]', Buffer.from(']x')]);
  });

  it('takes an open bracket in a keyword for what it is, found by a fuzz', () => {
    const response = parseResponse(Buffer.from('* FLAGS (\\Seen LDr[aft $kw)\r\n', 'latin1'));
    assert.deepEqual(response.kind === 'untagged' ? response.values[0] : undefined, ['\\Seen', 'LDr[aft', '$kw']);
  });
});
