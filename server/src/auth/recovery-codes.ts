/** Codes that stand in for a lost second factor, each once: shown when the first factor is made, kept as hashes. */
import { createHash, randomInt } from 'node:crypto';

const howMany = 10;
/** Without what is mistaken for something else; 48 bits, good once, behind the throttle. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const characters = 10;
const form = /^[a-z2-9]{10}$/;

export interface NewRecoveryCodes {
  /** In two groups. */
  readonly shown: readonly string[];
  readonly digests: readonly string[];
}

export function newRecoveryCodes(): NewRecoveryCodes {
  const codes = Array.from({ length: howMany }, newCode);
  return { shown: codes.map((one) => `${one.slice(0, 5)}-${one.slice(5)}`), digests: codes.map(digestOf) };
}

/** `code` as `bareCode` gives it; undefined if it cannot be one. */
export const recoveryDigest = (code: string): string | undefined => (form.test(code) ? digestOf(code) : undefined);

/** As apps and we show codes in two groups, and people copy them. */
export const bareCode = (code: string): string =>
  code
    .slice(0, 40)
    .replaceAll(/[- \u00a0]/g, '')
    .toLowerCase();

function newCode(): string {
  let code = '';
  for (let i = 0; i < characters; i++) code += alphabet[randomInt(alphabet.length)];
  return code;
}

const digestOf = (code: string): string => createHash('sha256').update(code).digest('base64url');
