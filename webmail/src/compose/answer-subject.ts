/**
 * The subject of an answer and of a forwarded message. RFC 5322 section 3.6.5 knows one mark, `Re: `, put once; what other
 * programs and languages put there is taken away first, so that it does not pile up.
 */

/** Marks of answers and of forwarding, with the space that French puts before the colon, or a count: `Re[2]:`, `RE (3) :`. */
const mark = /^\s{0,8}(?:re|r[ée]f|r[ée]p|aw|sv|antw|tr|fwd?|wg|vs)\s{0,2}(?:[[(]\d{1,3}[\])])?\s{0,2}:\s{0,8}/iu;
const maxMarks = 20;

export function bareSubject(subject: string): string {
  let rest = subject;
  for (let i = 0; i < maxMarks; i++) {
    const found = mark.exec(rest);
    if (found === null) break;
    rest = rest.slice(found[0].length);
  }
  return rest.trim();
}

export const replySubject = (subject: string): string => `Re: ${bareSubject(subject)}`.trimEnd();
export const forwardSubject = (subject: string): string => `Fwd: ${bareSubject(subject)}`.trimEnd();
