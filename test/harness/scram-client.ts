/** The client's side of SCRAM-SHA-256 (RFC 5802, 7677), written anew: what the server is held to. */
import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

export interface ScramClientOptions {
  readonly user: string;
  readonly password: string;
  readonly authorize?: string;
  /** `p=tls-exporter` needs `channel`. */
  readonly flag?: string;
  readonly channel?: Uint8Array;
  readonly nonce?: string;
  /** What is done to the last message before it is sent. */
  readonly spoil?: (final: string) => string;
}

export interface ScramClient {
  /** The answer to a challenge; fails when the server is not the one that knows the password. */
  answer(challenge: Uint8Array): Buffer;
  /** What the server said first. */
  readonly told: () => { readonly salt: string; readonly iterations: number };
}

export function scramClient(options: ScramClientOptions): ScramClient {
  const { user, password, authorize, flag = 'n', channel = new Uint8Array(), spoil = (text) => text } = options;
  const nonce = options.nonce ?? randomBytes(12).toString('base64');
  const escaped = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const gs2 = `${flag},${authorize === undefined ? '' : `a=${escaped(authorize)}`},`;
  const bare = `n=${escaped(user)},r=${nonce}`;
  const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  let told: { salt: string; iterations: number; signature: string } | undefined;
  let step = 0;
  return {
    told: () => told ?? assert.fail('the server said nothing yet'),
    answer(challenge) {
      const text = Buffer.from(challenge).toString('utf8');
      step++;
      if (step === 1) {
        assert.equal(text, '');
        return Buffer.from(gs2 + bare);
      }
      if (step === 3) {
        assert.equal(text, `v=${told?.signature}`, 'the server does not know the password');
        return Buffer.alloc(0);
      }
      assert.equal(step, 2);
      const [, both = '', salt = '', count = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(text) ?? [];
      assert.ok(both.startsWith(nonce) && both.length > nonce.length + 16, text);
      const bound = Buffer.concat([Buffer.from(gs2), channel]).toString('base64');
      const withoutProof = `c=${bound},r=${both}`;
      const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(count), 32, 'sha256');
      const message = `${bare},${text},${withoutProof}`;
      const key = hmac(salted, 'Client Key');
      const signature = hmac(createHash('sha256').update(key).digest(), message);
      const proof = Buffer.from(key.map((octet, at) => octet ^ signature[at]!));
      const server = hmac(hmac(salted, 'Server Key'), message).toString('base64');
      told = { salt, iterations: Number(count), signature: server };
      return Buffer.from(spoil(`${withoutProof},p=${proof.toString('base64')}`));
    },
  };
}

/** The data that binds to a connection, from the client's end of it (RFC 9266). */
export const exporterOf = (socket: TLSSocket): Buffer =>
  socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
