/**
 * Regular expressions of one kind only: plain text, perhaps anchored at either end, perhaps without regard to case. A
 * general engine with backtracking would let one query block the server; text search runs in linear time.
 */
import { MongoError } from '../errors.js';

export function plainPattern(source: string, flags: string): (text: string) => boolean {
  for (const flag of flags) {
    if (flag !== 'i' && flag !== 'u') {
      throw new MongoError('BadValue', `option '${flag}' of a regular expression is not supported by this server`);
    }
  }
  const ignoreCase = flags.includes('i');
  const atStart = source.startsWith('^');
  let rest = atStart ? source.slice(1) : source;
  const atEnd = rest.endsWith('$') && !rest.endsWith('\\$');
  if (atEnd) rest = rest.slice(0, -1);
  let plain = '';
  for (let i = 0; i < rest.length; i++) {
    const character = rest[i]!;
    if (character === '\\') {
      const next = rest[++i];
      if (next === undefined || /[0-9A-Za-z]/.test(next)) throw notPlain(source);
      plain += next;
    } else if ('.*+?()[]{}|^$'.includes(character)) throw notPlain(source);
    else plain += character;
  }
  const wanted = ignoreCase ? plain.toLowerCase() : plain;
  return (text) => {
    const subject = ignoreCase ? text.toLowerCase() : text;
    // `$` also matches before a line break at the very end, in MongoDB's engine as in Perl.
    if (atStart && atEnd) return subject === wanted || subject === `${wanted}\n`;
    if (atStart) return subject.startsWith(wanted);
    if (atEnd) return subject.endsWith(wanted) || subject.endsWith(`${wanted}\n`);
    return subject.includes(wanted);
  };
}

function notPlain(source: string): MongoError {
  return new MongoError(
    'BadValue',
    `regular expression /${source}/ is not supported by this server: plain text, ^ and $ only`,
  );
}
