/** The people of a bench target. */
export const benchUsers = {
  pattern: 'user%03d',
  count: 220,
  domain: 'bench.test',
  password: 'bench-Pa55word',
} as const;

export const userName = (number: number) => benchUsers.pattern.replace('%03d', String(number).padStart(3, '0'));
