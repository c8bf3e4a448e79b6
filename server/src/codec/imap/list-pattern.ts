/**
 * LIST patterns (RFC 9051 6.3.9): `*` matches anything, `%` anything but the delimiter. Matching keeps a set of states, one a
 * pattern position, and reads the name once, so that no pattern costs more than name times pattern; a pattern with more
 * ordinary characters than the name has is refused before.
 */
import { delimiter } from './mailbox-name.js';

export interface ListPattern {
  matches(path: string): boolean;
}

const starCode = 0x2a;
const percentCode = 0x25;
const delimiterCode = delimiter.charCodeAt(0);

/** The canonical pattern is the reference followed by the pattern: references are prefixes here, nothing is rooted. */
export function compileListPattern(reference: string, pattern: string): ListPattern {
  const codes: number[] = [];
  let ordinary = 0;
  const whole = reference + pattern;
  for (let i = 0; i < whole.length; i++) {
    const code = whole.charCodeAt(i);
    const last = codes[codes.length - 1];
    if (code === starCode || code === percentCode) {
      // `**`, `%%`, `*%` and `%*` mean no more than one of them.
      if (last === starCode || last === code) continue;
      if (code === starCode && last === percentCode) codes.pop();
    } else {
      ordinary++;
    }
    codes.push(code);
  }
  if (codes.length === 1 && codes[0] === starCode) return { matches: () => true };
  if (codes.length === 1 && codes[0] === percentCode) return { matches: (path) => !path.includes(delimiter) };
  return { matches: (path) => ordinary <= path.length && run(codes, path) };
}

function run(codes: readonly number[], path: string): boolean {
  // RFC 9051 5.1: INBOX, also as first level, is compared without case.
  const inbox = path.startsWith('INBOX') && (path.length === 5 || path[5] === delimiter);
  const end = codes.length;
  let states = new Uint8Array(end + 1);
  let next = new Uint8Array(end + 1);
  add(codes, states, 0);
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    next.fill(0);
    let any = false;
    for (let state = 0; state < end; state++) {
      if (states[state] === 0) continue;
      const wanted = codes[state]!;
      if (wanted === starCode) add(codes, next, state);
      else if (wanted === percentCode) {
        if (code === delimiterCode) continue;
        add(codes, next, state);
      } else if (wanted === code || (inbox && i < 5 && upper(wanted) === code)) add(codes, next, state + 1);
      else continue;
      any = true;
    }
    if (!any) return false;
    [states, next] = [next, states];
  }
  return states[end] === 1;
}

/** Marks a state and, past a wildcard that matches nothing, the one after: wildcards are never adjacent. */
function add(codes: readonly number[], states: Uint8Array, state: number): void {
  states[state] = 1;
  const code = codes[state];
  if (code === starCode || code === percentCode) states[state + 1] = 1;
}

function upper(code: number): number {
  return code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
}
