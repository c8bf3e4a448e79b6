/**
 * The half of the vault's key that the session brings: a cookie that scripts may read, given at sign-in on a reader's own
 * computer only, and taken at sign-out. Who signs in again has a new one; the one before is there for a moment, so that what
 * the same reader kept goes on.
 */
const names = ['__Host-vaguemestre-key', 'vaguemestre-key'];

export interface SessionHalves {
  readonly now: string | undefined;
  readonly before: string | undefined;
}

export function sessionHalves(cookies = document.cookie): SessionHalves {
  const all = new Map(
    cookies.split(';').map((one) => {
      const at = one.indexOf('=');
      return [one.slice(0, at).trim(), one.slice(at + 1).trim()] as const;
    }),
  );
  const first = (suffix: string): string | undefined =>
    names.map((name) => all.get(name + suffix)).find((value) => value !== undefined && /^[\w-]{43}$/.test(value));
  return { now: first(''), before: first('-before') };
}
