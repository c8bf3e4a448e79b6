/** What stands after the colon of an operator: days, ages, sizes, marks, in French and in English. undefined: it is none. */
export const marks = ['file', 'unread', 'read', 'flagged', 'answered', 'draft'] as const;
export type Mark = (typeof marks)[number];
export type Unit = 'd' | 'w' | 'm' | 'y';

export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
/** A day that is named by where it lies from today: the weekday before today, the first of this week, month or year. */
export const nearDays = ['today', 'yesterday', 'week', 'month', 'year', ...weekdays] as const;
export type NearDay = (typeof nearDays)[number];

/** Capitals and accents make no difference, nor does the kind of apostrophe. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('\u2019', "'").toLowerCase();
}

const markNames: Readonly<Record<string, Mark>> = {
  file: 'file',
  files: 'file',
  fichier: 'file',
  fichiers: 'file',
  piece: 'file',
  attachment: 'file',
  unread: 'unread',
  'non-lu': 'unread',
  nonlu: 'unread',
  read: 'read',
  lu: 'read',
  flagged: 'flagged',
  starred: 'flagged',
  suivi: 'flagged',
  answered: 'answered',
  repondu: 'answered',
  draft: 'draft',
  brouillon: 'draft',
};

export const markOf = (value: string): Mark | undefined => own(markNames, plain(value));

const nearDayNames: Readonly<Record<string, NearDay>> = {
  "aujourd'hui": 'today',
  aujourdhui: 'today',
  hier: 'yesterday',
  semaine: 'week',
  'cette-semaine': 'week',
  'this-week': 'week',
  mois: 'month',
  'ce-mois': 'month',
  'this-month': 'month',
  annee: 'year',
  'cette-annee': 'year',
  'this-year': 'year',
  dimanche: 'sunday',
  lundi: 'monday',
  mardi: 'tuesday',
  mercredi: 'wednesday',
  jeudi: 'thursday',
  vendredi: 'friday',
  samedi: 'saturday',
};

export function nearDayOf(value: string): NearDay | undefined {
  const name = plain(value);
  return nearDays.find((one) => one === name) ?? own(nearDayNames, name);
}

/** What Object.prototype has is no name of ours. */
function own<T>(names: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

const unitNames: Readonly<Record<string, Unit>> = { d: 'd', j: 'd', w: 'w', s: 'w', m: 'm', y: 'y', a: 'y' };

export interface Age {
  readonly count: number;
  readonly unit: Unit;
}

/** `7j`, `2 s`, `6mois`, `1y`: the first letter of the unit counts. */
export function ageOf(value: string): Age | undefined {
  const found = /^(\d{1,4})\s?([a-z])[a-z]{0,8}$/.exec(plain(value));
  const unit = own(unitNames, found?.[2] ?? '');
  return found === null || unit === undefined ? undefined : { count: Number(found[1]), unit };
}

/** `2026-11-24`, `2026-11`, `2026`, `24/11/2026`, `24.11.2026`. */
export function dayOf(value: string): string | undefined {
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value);
  const european = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(value);
  const [year, month, day] = iso
    ? [iso[1], iso[2] ?? '1', iso[3] ?? '1']
    : [european?.[3], european?.[2], european?.[1]];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  return date.toISOString().slice(0, 10);
}

export function octetsOf(value: string): number | undefined {
  const found = /^(\d{1,9}(?:[.,]\d{1,3})?)\s?([kmgt]?)[bo]?$/.exec(plain(value));
  if (found === null) return undefined;
  const power = ['', 'k', 'm', 'g', 't'].indexOf(found[2] ?? '');
  return Math.round(Number((found[1] ?? '').replace(',', '.')) * 1000 ** power);
}
