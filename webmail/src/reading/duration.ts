/** A length of time in the two largest units that matter: `3 s`, `2 min`, `1 h 20 min`, `4 d`. */
import { formatNumber } from '../i18n/format.js';
import type { Language } from '../i18n/language.js';

const days = { fr: 'j', en: 'd' } as const;
const space = '\u00a0';

export function formatDuration(language: Language, ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds}${space}s`;
  if (hours < 1) return `${minutes}${space}min`;
  if (hours >= 48) return `${formatNumber(language, Math.round(hours / 24))}${space}${days[language]}`;
  const rest = minutes % 60;
  return rest === 0 ? `${hours}${space}h` : `${hours}${space}h${space}${rest}${space}min`;
}
