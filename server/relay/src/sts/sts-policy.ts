/**
 * What a domain publishes about TLS to its mail hosts (RFC 8461 3): the record that says there is a policy, and the policy.
 * Pure; what is malformed is no policy, and not half of one.
 */
import { isDomain } from '@vaguemestre/server/codec/smtp/path';

export interface StsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none';
  readonly maxAgeSeconds: number;
  /** Lower case; `*.example.org` stands for one more label. */
  readonly hosts: readonly string[];
}

/** RFC 8461 3.2: about a year. */
const mostMaxAgeSeconds = 31_557_600;
/** Large mail services name a dozen. */
const mostHosts = 200;

/** The id of the policy in force; undefined: none, or several records, which is none (3.1). */
export function stsId(records: readonly string[]): string | undefined {
  const found = records.map(fieldsOf).filter((fields) => fields[0]?.[0] === 'v' && fields[0][1] === 'STSv1');
  if (found.length !== 1) return undefined;
  const id = found[0]!.find(([name]) => name === 'id')?.[1];
  return id !== undefined && /^[A-Za-z0-9]{1,32}$/.test(id) ? id : undefined;
}

/** `v=STSv1; id=1;`. */
function fieldsOf(record: string): (readonly [string, string])[] {
  return record
    .split(';')
    .map((field) => field.trim())
    .filter((field) => field !== '')
    .map((field) => {
      const equals = field.indexOf('=');
      return [field.slice(0, Math.max(0, equals)).trim(), field.slice(equals + 1).trim()] as const;
    });
}

export function parseStsPolicy(text: string): StsPolicy | undefined {
  const values = new Map<string, string>();
  const hosts: string[] = [];
  for (const line of text.split('\n')) {
    const plain = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (plain.trim() === '') continue;
    const colon = plain.indexOf(':');
    if (colon < 1) return undefined;
    const name = plain.slice(0, colon).trim();
    const value = plain.slice(colon + 1).trim();
    if (name === 'mx') {
      const host = value.toLowerCase();
      if (!isDomain(host.startsWith('*.') ? host.slice(2) : host) || hosts.length >= mostHosts) return undefined;
      hosts.push(host);
    } else if (!values.has(name)) values.set(name, value);
    // 3.2: of what is said twice the first counts; what is not known is passed over.
  }
  const mode = values.get('mode');
  const age = values.get('max_age');
  if (values.get('version') !== 'STSv1' || age === undefined || !/^\d{1,10}$/.test(age)) return undefined;
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return undefined;
  if (mode !== 'none' && hosts.length === 0) return undefined;
  return { mode, maxAgeSeconds: Math.min(Number(age), mostMaxAgeSeconds), hosts };
}

/** RFC 8461 4.1: a star stands for the leftmost label, whole and alone. */
export function stsAccepts({ hosts }: Pick<StsPolicy, 'hosts'>, host: string): boolean {
  const name = host.toLowerCase();
  const dot = name.indexOf('.');
  return hosts.some((one) => (one.startsWith('*.') ? dot > 0 && name.slice(dot) === one.slice(1) : name === one));
}
