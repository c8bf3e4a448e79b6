/** The messages of SCRAM as their grammar has them, the example of RFC 7677, and what is none. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { provenKey, scramSecretOf, serverSignature } from '@vaguemestre/server/auth/scram-keys';
import { prepareName } from '@vaguemestre/server/codec/sasl/saslprep';
import {
  authMessage,
  formatServerFinal,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
} from '@vaguemestre/server/codec/sasl/scram';
import fc from 'fast-check';
import { scramClient } from '../../harness/scram-client.js';

const first = (text: string) => parseClientFirst(Buffer.from(text));
const final = (text: string) => parseClientFinal(Buffer.from(text));

describe('the example of RFC 7677 section 3', () => {
  const clientFirst = first('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')!;
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const clientFinal = final(`c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)!;
  const serverFirst = formatServerFirst({ nonce, salt, iterations: 4096 });

  it('comes out to the last octet', async () => {
    assert.equal(serverFirst, `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
    const { keys } = await scramSecretOf(['pencil', 'pen-cil'], salt);
    const message = authMessage(clientFirst, serverFirst, clientFinal);
    const key = provenKey(keys, 4, message, clientFinal.proof);
    assert.equal(key, keys[0]);
    assert.equal(formatServerFinal(serverSignature(key!, message)), 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
    assert.equal(provenKey(keys, 4, `${message}x`, clientFinal.proof), undefined);
    assert.equal(provenKey(keys, 4, message, clientFinal.proof.subarray(1)), undefined);
    assert.equal(provenKey([], 4, message, clientFinal.proof), undefined);
  });

  it('is what the client of these tests says too', () => {
    const client = scramClient({ user: 'user', password: 'pencil', nonce: 'rOprNGfwEbeRWgbNEkqO' });
    assert.equal(client.answer(Buffer.alloc(0)).toString(), 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    assert.match(
      client.answer(Buffer.from(serverFirst)).toString(),
      /,p=dHzbZapWIk4jUhN\+Ute9ytag9zjfMHgsqmmiz7AndVQ=$/,
    );
    client.answer(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='));
  });
});

describe('the first message of a client', () => {
  it('is taken apart', () => {
    assert.deepEqual(first('p=tls-exporter,a=other,n=a=2Cb=3Dc,r=x%y,z=ignored'), {
      binding: { flag: 'p', name: 'tls-exporter' },
      gs2Header: 'p=tls-exporter,a=other,',
      authorize: 'other',
      user: 'a,b=c',
      nonce: 'x%y',
      bare: 'n=a=2Cb=3Dc,r=x%y,z=ignored',
    });
    assert.deepEqual(first('y,,n=é,r=1')?.binding, { flag: 'y' });
    assert.equal(first('y,,n=é,r=1')?.user, 'é');
  });

  for (const wrong of [
    '',
    'n',
    'n,',
    'n,,',
    'n,,n=user',
    'n,,n=,r=x',
    'n,,n=user,r=',
    'n,,n=user,r=x y',
    'n,,n=us=er,r=x',
    'n,,n=us=2c,r=x',
    'n,,n=us\0er,r=x',
    'n,,m=must,n=user,r=x',
    'n,,n=user,r=x,m=must',
    'n,,n=user,r=x,',
    'n,b=x,n=user,r=x',
    'x,,n=user,r=x',
    'p=,,n=user,r=x',
    'p=tls unique,,n=user,r=x',
  ]) {
    it(`is not ${JSON.stringify(wrong)}`, () => assert.equal(first(wrong), undefined));
  }

  it('is UTF-8', () => assert.equal(parseClientFirst(Buffer.from('n,,n=\xe9,r=x', 'latin1')), undefined));
});

describe('the last message of a client', () => {
  it('is taken apart', () => {
    const { channel, proof, ...rest } = final('c=biws,r=abc,z=1,p=AAEC')!;
    assert.equal(channel.toString(), 'n,,');
    assert.deepEqual([...proof], [0, 1, 2]);
    assert.deepEqual(rest, { nonce: 'abc', withoutProof: 'c=biws,r=abc,z=1' });
  });

  for (const wrong of ['', 'c=biws', 'c=biws,r=abc', 'c=biws,r=abc,p=', 'c=biws,r=abc,p=AAE', 'c=bi ws,r=abc,p=AAEC']) {
    it(`is not ${JSON.stringify(wrong)}`, () => assert.equal(final(wrong), undefined));
  }
  for (const wrong of ['r=abc,c=biws,p=AAEC', 'c=biws,r=,p=AAEC', 'c=biws,r=abc,m=1,p=AAEC', 'c=biws,r=abc,p=AA==\n']) {
    it(`is not ${JSON.stringify(wrong)}`, () => assert.equal(final(wrong), undefined));
  }
});

it('whatever comes, the readers give a value or undefined', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 100 })), (any) => {
      const octets = typeof any === 'string' ? Buffer.from(`n,,n=${any},r=x`) : any;
      const read = parseClientFirst(octets);
      if (read !== undefined) assert.equal(read.gs2Header + read.bare, Buffer.from(octets).toString('utf8'));
      parseClientFinal(octets);
    }),
  );
});

it('SASLprep of names: RFC 4013 section 3', () => {
  assert.equal(prepareName('I\u00adX'), 'IX');
  assert.equal(prepareName('user'), 'user');
  assert.equal(prepareName('\u00aa'), 'a');
  assert.equal(prepareName('\u2168'), 'IX');
  assert.equal(prepareName('a\u00a0b'), 'a b');
});
