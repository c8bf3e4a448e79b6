/** What TLS the way to a host must have, as a setting: `domain=level`, the domain as in a transport table, or `*` for all. */
import { BadValue, type Kind, list } from './kinds.js';
import { isDomainPattern } from './transport.js';

export const tlsLevels = ['none', 'may', 'encrypt', 'verify'] as const;

export interface TlsRule {
  /** Lower case: `domain`, `*.domain` or `*`. */
  readonly pattern: string;
  readonly level: (typeof tlsLevels)[number];
}

const one: Kind<TlsRule> = {
  expects: `a rule such as partner.example=verify (${tlsLevels.join(', ')}; * for all)`,
  read(raw) {
    const text = typeof raw === 'string' ? raw : '';
    const equals = text.indexOf('=');
    const pattern = text.slice(0, Math.max(0, equals)).trim().toLowerCase();
    const level = tlsLevels.find((known) => known === text.slice(equals + 1).trim());
    if (level === undefined || (pattern !== '*' && !isDomainPattern(pattern))) {
      throw new BadValue(`must be ${this.expects}`);
    }
    return { pattern, level };
  },
  show: ({ pattern, level }) => `${pattern}=${level}`,
};

export const tlsRules = (): Kind<readonly TlsRule[]> => list(one);
