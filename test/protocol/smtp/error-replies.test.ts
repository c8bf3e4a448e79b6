import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCodes, MailError } from '@vaguemestre/server/kernel/errors';
import { errorReplies, replyOf, replyOfAny, SmtpRefusal } from '@vaguemestre/server/smtp/error-replies';

describe('errors as SMTP replies', () => {
  for (const code of errorCodes) {
    it(`has a row for ${code}, of one class in code and enhanced code`, () => {
      const { temporary, permanent } = errorReplies[code];
      assert.match(`${temporary[0]} ${temporary[1]}`, /^4\d\d 4\.\d{1,3}\.\d{1,3}$/);
      const permanentClass = code === 'internal' ? 4 : 5;
      assert.match(
        `${permanent[0]} ${permanent[1]}`,
        new RegExp(`^${permanentClass}\\d\\d ${permanentClass}\\.\\d{1,3}\\.\\d{1,3}$`),
      );
    });
  }

  it('says the words of the contract', () => {
    const said = (error: MailError): string => `${replyOf(error).code} ${replyOf(error).enhanced}`;
    assert.equal(said(new MailError('nonexistent', 'x')), '550 5.1.1');
    assert.equal(said(new MailError('overQuota', 'x')), '452 4.2.2');
    assert.equal(said(new MailError('overQuota', 'x', { temporary: false })), '552 5.2.2');
    assert.equal(said(new MailError('unavailable', 'x')), '451 4.3.0');
    assert.equal(said(new MailError('tooBig', 'x')), '552 5.3.4');
  });

  it('never shows what it does not know', () => {
    const seen: unknown[] = [];
    const fault = new TypeError('secret path');
    const answer = replyOfAny(fault, (error) => {
      seen.push(error);
      return 'id7';
    });
    assert.deepEqual(answer, { code: 451, enhanced: '4.3.0', text: 'Internal error, id id7' });
    assert.deepEqual(seen, [fault]);
    const refusal = { code: 530, enhanced: '5.7.0', text: 'no' };
    assert.equal(
      replyOfAny(new SmtpRefusal(refusal), () => 'x'),
      refusal,
    );
  });
});
