/** Who answers for a person whose account ends: the sponsor, as long as the sponsor reads mail. */
import type { People, Person } from '../auth/people.js';
import type { Clock } from '../kernel/clock.js';

export interface Answering {
  /** Can be asked about the person. */
  readonly sponsor: Person | undefined;
  /** Is told of every step beside the person. */
  readonly teller: Person | undefined;
}

export async function answering(
  { people, clock }: { readonly people: Pick<People, 'list' | 'get'>; readonly clock: Clock },
  person: Person,
): Promise<Answering> {
  // Who never had a sponsor is told alone.
  if (person.sponsor === undefined) return { sponsor: undefined, teller: undefined };
  const reads = (one: Person): boolean =>
    !one.disabled && one._id !== person._id && (one.expires === undefined || one.expires.getTime() >= clock.nowMs());
  const sponsor = await people.get(person.sponsor);
  if (sponsor !== undefined && reads(sponsor)) return { sponsor, teller: sponsor };
  // Whose sponsor left needs another: the administrator who has been here longest is told.
  const administrators = (await people.list()).filter((one) => one.admin && reads(one));
  return { sponsor: undefined, teller: administrators.sort((x, y) => +x.created - +y.created)[0] };
}
