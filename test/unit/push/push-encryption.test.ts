import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { encryptPush, readKeys } from '@vaguemestre/server/push/push-encryption';

const octets = (text: string): Buffer => Buffer.from(text, 'base64url');

/** RFC 8291 section 5 and appendix A. */
const example = {
  text: 'When I grow up, I want to be a watermelon',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  privateKey: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  sealed:
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
};

/** What a device does with it. */
function opened(sealed: Buffer, receiver: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = sealed.subarray(0, 16);
  const sender = sealed.subarray(21, 21 + sealed[20]!);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver.getPublicKey(), sender]);
  const ikm = Buffer.from(hkdfSync('sha256', receiver.computeSecret(sender), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12));
  const record = sealed.subarray(21 + sealed[20]!);
  const cipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  assert.equal(padded.at(-1), 2, 'the last record');
  return padded.subarray(0, -1).toString();
}

describe('a push message', () => {
  it('is sealed as the example of RFC 8291', () => {
    const keys = readKeys(example);
    assert.ok(keys);
    const secrets = { salt: octets(example.salt), privateKey: octets(example.privateKey) };
    assert.equal(encryptPush(Buffer.from(example.text), keys, secrets).toString('base64url'), example.sealed);
  });

  it('is opened by the device that made the keys, and is never twice the same', () => {
    const device = createECDH('prime256v1');
    device.generateKeys();
    const auth = randomBytes(16);
    const keys = readKeys({ p256dh: device.getPublicKey('base64url'), auth: auth.toString('base64url') });
    assert.ok(keys);
    const text = JSON.stringify({ '@type': 'StateChange', changed: { é: { Email: '1' } } });
    const [one, two] = [encryptPush(Buffer.from(text), keys), encryptPush(Buffer.from(text), keys)];
    assert.equal(opened(one, device, auth), text);
    assert.equal(opened(two, device, auth), text);
    assert.notDeepEqual(one, two);
  });

  it('has no keys that cannot be', () => {
    const { p256dh, auth } = example;
    const offCurve = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]).toString('base64url');
    for (const wrong of [
      { p256dh: '', auth },
      { p256dh, auth: '' },
      { p256dh: p256dh.slice(0, -4), auth },
      { p256dh, auth: `${auth}AAAA` },
      { p256dh: offCurve, auth },
    ]) {
      assert.equal(readKeys(wrong), undefined, JSON.stringify(wrong));
    }
  });
});
