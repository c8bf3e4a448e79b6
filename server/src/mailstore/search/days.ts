/** RFC 9051 6.4.4: BEFORE is earlier than, SINCE is within or later than the day. Days count from 1970-01-01. */
export function isOnDay(
  day: number,
  wanted: { readonly is: 'before' | 'on' | 'since'; readonly day: number },
): boolean {
  if (wanted.is === 'before') return day < wanted.day;
  return wanted.is === 'on' ? day === wanted.day : day >= wanted.day;
}
