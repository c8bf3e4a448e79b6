/**
 * States of a person's submissions, and what changed since one (RFC 8620 5.2). Submissions are changed by several processes, one
 * document at a time, with no number that orders them all; a state is therefore made of what there is: the time of the last change,
 * and the versions of everything that changed in the minute before. What changed after that minute is known by its time, what changed
 * within it by its version. Exact as long as clocks differ by less than the minute.
 */
import { createHash } from 'node:crypto';

/** One submission, a destroyed one too until it is forgotten. */
export interface SubmissionMark {
  readonly id: string;
  readonly version: number;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly destroyed: boolean;
}

export interface SubmissionChanges {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly destroyed: readonly string[];
}

const windowMs = 60_000;
/** Versions that one state names: more have not been seen by anybody in a minute. Beyond, what is in the window counts as changed. */
const maxNamed = 50;

/** `time.digest.id:version,...` */
export function submissionState(marks: readonly SubmissionMark[]): string {
  const lastMs = marks.reduce((last, { changedMs }) => Math.max(last, changedMs), 0);
  const digest = createHash('sha256');
  for (const { id, version } of marks) digest.update(`${id}:${version}\n`);
  const recent = marks.filter(({ changedMs }) => changedMs > lastMs - windowMs);
  const named = recent.length > maxNamed ? [] : recent.map(({ id, version }) => `${id}:${version}`);
  return `${lastMs.toString(36)}.${digest.digest('base64url').slice(0, 11)}.${named.join(',')}`;
}

/** undefined: what was destroyed since then may be forgotten already, or it is no state of ours. */
export function submissionChanges(
  since: string,
  marks: readonly SubmissionMark[],
  rememberedSinceMs: number,
): SubmissionChanges | undefined {
  if (since === submissionState(marks)) return { created: [], updated: [], destroyed: [] };
  const parsed = parseState(since);
  if (parsed === undefined || (parsed.lastMs !== 0 && parsed.lastMs < rememberedSinceMs)) return undefined;
  const { lastMs, named } = parsed;
  const fromMs = lastMs - windowMs;
  // The last change is in its own window: a state that names nothing had too much to name.
  const unnamed = lastMs !== 0 && named.size === 0;
  const created: string[] = [];
  const updated: string[] = [];
  const destroyed: string[] = [];
  for (const { id, version, createdMs, changedMs, destroyed: gone } of marks) {
    if (changedMs <= fromMs || named.get(id) === version) continue;
    const isNew = createdMs > fromMs && !named.has(id);
    if (gone) {
      if (!isNew || unnamed) destroyed.push(id);
    } else (isNew ? created : updated).push(id);
  }
  return { created, updated, destroyed };
}

function parseState(
  state: string,
): { readonly lastMs: number; readonly named: ReadonlyMap<string, number> } | undefined {
  const [time = '', digest = '', list, more] = state.split('.', 4);
  if (list === undefined || more !== undefined || digest.length !== 11 || !/^[0-9a-z]{1,10}$/.test(time))
    return undefined;
  const named = new Map<string, number>();
  for (const one of list === '' ? [] : list.split(',', maxNamed + 1)) {
    const match = /^([0-9a-f]{24}):(\d{1,9})$/.exec(one);
    if (match === null) return undefined;
    named.set(match[1]!, Number(match[2]));
  }
  return { lastMs: Number.parseInt(time, 36), named };
}
