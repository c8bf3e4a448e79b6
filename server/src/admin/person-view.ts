import type { TakenMail } from '@vaguemestre/shared/people';
import type { People, Person } from '../auth/people.js';
import { takenMailOf } from '../auth/principal.js';
import { showSize } from '../config/kinds.js';
import type { TimeZone } from '../kernel/calendar.js';
import { writeDate } from './person-options.js';

/** A person as `--json` shows one: stable names, nothing secret. */
export interface PersonJson {
  readonly id: string;
  readonly address: string;
  readonly aliases: readonly string[];
  readonly name: string;
  readonly role: string;
  readonly lang: string;
  readonly admin: boolean;
  readonly eudora: boolean;
  readonly quotaBytes: number | null;
  readonly sponsor: string | null;
  readonly expires: string | null;
  readonly movedTo: string | null;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** `keep`, `remove` or days. */
  readonly takenMail: TakenMail;
  readonly state: PersonState;
  readonly created: string;
}

export type PersonState = 'active' | 'disabled' | 'expired' | 'removing';

export function personState(person: Person, nowMs: number): PersonState {
  if (person.removing !== undefined) return 'removing';
  if (person.disabled) return 'disabled';
  return person.expires !== undefined && person.expires.getTime() < nowMs ? 'expired' : 'active';
}

/** Looks each sponsor up once. */
export async function peopleJson(people: People, documents: readonly Person[], zone: TimeZone): Promise<PersonJson[]> {
  const sponsors = new Map<string, string>(documents.map((one) => [one._id, one.address]));
  for (const { sponsor } of documents) {
    if (sponsor === undefined || sponsors.has(sponsor)) continue;
    sponsors.set(sponsor, (await people.get(sponsor))?.address ?? sponsor);
  }
  const nowMs = Date.now();
  return documents.map((one) => personJson(one, sponsors, zone, nowMs));
}

function personJson(person: Person, sponsors: ReadonlyMap<string, string>, zone: TimeZone, nowMs: number): PersonJson {
  return {
    id: person._id,
    address: person.address,
    aliases: person.addresses.filter((one) => one !== person.address),
    name: person.name,
    role: person.role,
    lang: person.lang,
    admin: person.admin,
    eudora: person.eudora,
    quotaBytes: person.quota ?? null,
    sponsor: person.sponsor === undefined ? null : (sponsors.get(person.sponsor) ?? person.sponsor),
    expires: person.expires === undefined ? null : writeDate(person.expires, zone),
    movedTo: person.movedTo ?? null,
    allow: person.allow,
    deny: person.deny,
    takenMail: takenMailOf(person),
    state: personState(person, nowMs),
    created: person.created.toISOString(),
  };
}

export function personFields(person: PersonJson): [string, string][] {
  const fields: [string, string | null][] = [
    ['address', person.address],
    ['aliases', person.aliases.join(', ') || null],
    ['name', person.name || null],
    ['role', person.role + (person.admin ? ', administrator' : '') + (person.eudora ? ', Eudora' : '')],
    ['state', person.state],
    ['language', person.lang],
    ['quota', person.quotaBytes === null ? 'none' : showSize(person.quotaBytes)],
    ['sponsor', person.sponsor],
    ['last day', person.expires],
    ['moved to', person.movedTo],
    ['allowed', person.allow.join(', ') || null],
    ['denied', person.deny.join(', ') || null],
    [
      'mail taken by POP3',
      typeof person.takenMail === 'number' ? `goes after ${person.takenMail} days` : person.takenMail,
    ],
    ['created', person.created],
    ['account', person.id],
  ];
  return fields.flatMap(([name, value]) => (value === null ? [] : [[name, value] satisfies [string, string]]));
}
