/** What is said above a conversation, and when nothing is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { EmailRow } from '@vaguemestre/webmail/jmap/store/email-row';
import { type Acquaintance, createAcquaintances } from '@vaguemestre/webmail/reading/acquaintance';
import { unsubscribeVouchedBy } from '@vaguemestre/webmail/reading/authentication-results';
import { inOrder } from '@vaguemestre/webmail/reading/banners';
import { mailtoMessage } from '@vaguemestre/webmail/reading/mailto';
import type { MessageView } from '@vaguemestre/webmail/reading/message-state';
import { type NoticeContext, noticesOf } from '@vaguemestre/webmail/reading/notices';
import type { OpenMessage } from '@vaguemestre/webmail/reading/open-message';
import { en } from '@vaguemestre/webmail/reading/words/en';

const anna: EmailAddress = { name: 'Anna Weber', email: 'anna@uni-x.example' };
const stranger: Acquaintance = { inside: false, writtenTo: false, like: null, namesake: null, first: false };

interface Case {
  readonly from?: EmailAddress;
  readonly keywords?: Record<string, true>;
  readonly message?: object;
  readonly author?: Partial<Acquaintance>;
  readonly view?: Partial<MessageView>;
  readonly context?: Partial<NoticeContext>;
}

function told({ from = anna, keywords = {}, message = {}, author = {}, view = {}, context = {} }: Case): string[] {
  const row = { id: 'e', from: [from], keywords } as unknown as EmailRow;
  const opened = { id: 'e', from: [from], replyTo: null, ...message } as unknown as OpenMessage;
  const shown = { message: opened, author: { ...stranger, ...author }, images: 'none', ...view } as MessageView;
  const given: NoticeContext = {
    authservId: 'relay.labo.example',
    isMine: (email) => email === 'me@labo.example',
    left: () => false,
    leave: () => {},
    ...context,
  };
  return inOrder(noticesOf([{ row, view: shown }], en, given)).map(({ kind, fact }) => `${kind}: ${fact}`);
}

const results = (text: string) => ({ 'header:Authentication-Results:asRaw:all': [` relay.labo.example; ${text}`] });

describe('what is said of a sender', () => {
  it('is nothing as long as nothing is wrong', () => {
    assert.deepEqual(told({}), []);
    assert.deepEqual(told({ message: results('dmarc=pass header.from=uni-x.example') }), []);
    assert.deepEqual(told({ from: { name: null, email: 'me@labo.example' }, author: { first: true } }), []);
  });

  it('is that the domain denies it, on the word of our relay only', () => {
    const denied = results('dmarc=fail header.from=uni-x.example');
    assert.deepEqual(told({ message: denied }), ['unverified: This is probably not Anna Weber']);
    assert.deepEqual(told({ message: denied, context: { authservId: undefined } }), []);
  });

  it('is that the address, the name or the way back is another', () => {
    const known = { name: 'Inès Delorme', address: 'ines@labo.example' };
    assert.deepEqual(told({ author: { like: known, first: true } }), [
      'phishing: This address looks like that of Inès Delorme, but it is another',
    ]);
    assert.deepEqual(told({ author: { like: { name: '', address: 'labo.example' } } }), [
      'phishing: This address imitates labo.example',
    ]);
    assert.deepEqual(told({ author: { namesake: known } }), [
      'unverified: This is not the address of Inès Delorme that we know',
    ]);
    const replyTo = (email: string, more = {}) => told({ message: { replyTo: [{ name: null, email }], ...more } });
    assert.deepEqual(replyTo('x@poste.example'), ['unverified: Your answer would go elsewhere']);
    for (const fine of ['b@uni-x.example', 'b@sub.uni-x.example', 'me@labo.example'])
      assert.deepEqual(replyTo(fine), [], fine);
    assert.deepEqual(replyTo('x@poste.example', { 'header:List-Id:asText': '<l.example>' }), []);
  });

  it('is that it is the first message, unless a machine wrote it', () => {
    assert.deepEqual(told({ author: { first: true } }), ['firstContact: First message from Anna Weber']);
    for (const bulk of [{ 'header:List-Id:asText': '<x>' }, { 'header:Auto-Submitted:asText': 'auto-generated' }])
      assert.deepEqual(told({ author: { first: true }, message: bulk }), []);
    assert.equal(told({ author: { first: true }, message: { 'header:Auto-Submitted:asText': 'no' } }).length, 1);
  });

  it('comes in the order of gravity, each fact once', () => {
    const all = told({
      keywords: { $phishing: true },
      author: { first: true },
      message: { replyTo: [{ name: null, email: 'x@poste.example' }] },
      view: { images: 'held', remoteCount: 2 },
    });
    assert.deepEqual(
      all.map((one) => one.split(':')[0]),
      ['phishing', 'unverified', 'firstContact', 'images'],
    );
  });
});

describe('what is said of a list', () => {
  const letter = { 'header:List-Unsubscribe:asURLs': ['https://x.example/off'] };
  it('is how to leave it, unless people talk on it', () => {
    assert.deepEqual(told({ message: letter }), ['unsubscribe: You can leave this list']);
    assert.deepEqual(told({ message: { ...letter, 'header:List-Post:asURLs': ['mailto:l@x.example'] } }), []);
    assert.deepEqual(told({ message: { 'header:List-Unsubscribe:asURLs': ['javascript:X()'] } }), []);
    assert.deepEqual(told({ message: letter, context: { left: () => true } }), [
      'unsubscribe: You have left this list',
    ]);
  });

  it('is who vouches for the way out (RFC 8058 4)', () => {
    const fields = [' relay.labo.example 1; dkim=pass (2048 bits) header.d=X.example; dkim=fail header.d=y.example'];
    const signed = (domain: string, covers: string) => [`v=1; a=rsa-sha256; d=${domain}; h=From:\r\n ${covers}; b=abc`];
    const both = 'List-Unsubscribe : list-unsubscribe-post';
    const by = (signatures: readonly string[], id: string | undefined = 'relay.labo.example') =>
      unsubscribeVouchedBy(fields, signatures, id);
    assert.equal(by(signed('x.example', both)), 'x.example');
    assert.equal(by(signed('x.example', 'List-Unsubscribe')), undefined);
    assert.equal(by(signed('y.example', both)), undefined);
    assert.equal(by(signed('x.example', both), 'other.example'), undefined);
    assert.equal(unsubscribeVouchedBy(fields, signed('x.example', both), undefined), undefined);
    assert.equal(unsubscribeVouchedBy([], signed('x.example', both), 'relay.labo.example'), undefined);
  });

  it('is what a message would say (RFC 6068)', () => {
    assert.deepEqual(mailtoMessage('mailto:off@x.example?subject=Stop%20it&body=a%0D%0Ab+c&bcc=spy@x.example'), {
      to: [{ name: null, email: 'off@x.example' }],
      subject: 'Stop it',
      text: 'a\nb+c',
    });
    assert.equal(mailtoMessage(`mailto:a@b.c?body=${'x'.repeat(1_000_000)}`).text.length, 4_000);
    assert.equal(mailtoMessage('mailto:a@b.c?Subject=a%0D%0ABcc:%20x').subject, 'a Bcc: x');
  });
});

describe('what is known of senders', () => {
  function known(facts: object, earliest: string | undefined) {
    const asked: string[] = [];
    const client = {
      call: () => {
        asked.push('query');
        return { result: Promise.resolve({ ids: earliest === undefined ? [] : [earliest] }) };
      },
    };
    const directory = async (path: string) => {
      asked.push(path);
      return { json: async () => ({ inside: false, writtenTo: false, like: null, namesake: null, ...facts }) };
    };
    return { asked, acquaintances: createAcquaintances(client as never, directory) };
  }

  it('is asked once for each, and whether a message is the first', async () => {
    const { asked, acquaintances } = known({}, 'e1');
    assert.equal((await acquaintances.of(anna, 'e1'))?.first, true);
    assert.equal((await acquaintances.of({ ...anna, email: 'ANNA@uni-x.example' }, 'e2'))?.first, false);
    assert.deepEqual(asked, ['/api/directory/sender?address=anna%40uni-x.example&name=Anna+Weber', 'query']);
  });

  it('needs no search when the service knows them', async () => {
    for (const facts of [{ inside: true }, { writtenTo: true }]) {
      const { asked, acquaintances } = known(facts, undefined);
      assert.equal((await acquaintances.of(anna, 'e1'))?.first, false);
      assert.equal(asked.length, 1);
    }
  });

  it('is nothing when nobody answers, and asked again', async () => {
    let fails = true;
    const acquaintances = createAcquaintances({} as never, async () => {
      if (fails) throw new Error('away');
      return { json: async () => ({ inside: true }) };
    });
    assert.equal(await acquaintances.of(anna, 'e1'), undefined);
    fails = false;
    assert.equal((await acquaintances.of(anna, 'e1'))?.inside, true);
  });
});
