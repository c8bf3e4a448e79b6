/**
 * LIST patterns (RFC 9051 6.3.9): `*` matches anything, `%` anything but the delimiter. Matching keeps a set of states, one a
 * pattern position, and reads the name once, so that no pattern costs more than name times pattern. One reading tells of
 * the name and of all its parents.
 */
import { maxMailboxNameBytes } from '../../kernel/limits.js';
import { delimiter } from './mailbox-name.js';

export interface ListPattern {
  matches(path: string): boolean;
  /** Lengths of those beginnings of `path` that end with a level and match; the last is `path.length` if it does itself. */
  levels(path: string): readonly number[];
}

const starCode = 0x2a;
const percentCode = 0x25;
const delimiterCode = delimiter.charCodeAt(0);
/** Letters with a wildcard between any two: a longer pattern, its wildcards joined, matches no name. */
const maxStates = 2 * maxMailboxNameBytes + 1;

/** The canonical pattern is the reference followed by the pattern: references are prefixes here, nothing is rooted. */
export function compileListPattern(reference: string, pattern: string): ListPattern {
  const codes: number[] = [];
  const whole = reference + pattern;
  for (let i = 0; i < whole.length; i++) {
    const code = whole.charCodeAt(i);
    const last = codes[codes.length - 1];
    if (code === starCode || code === percentCode) {
      // `**`, `%%`, `*%` and `%*` mean no more than one of them.
      if (last === starCode || last === code) continue;
      if (code === starCode && last === percentCode) codes.pop();
    }
    codes.push(code);
  }
  const levels = codes.length > maxStates ? () => [] : (path: string) => run(codes, path);
  return {
    levels,
    matches(path) {
      if (codes.length === 1 && codes[0] === starCode) return true;
      if (codes.length === 1 && codes[0] === percentCode) return !path.includes(delimiter);
      return levels(path).at(-1) === path.length;
    },
  };
}

function run(codes: readonly number[], path: string): number[] {
  // RFC 9051 5.1: INBOX, also as first level, is compared without case.
  const inbox = path.startsWith('INBOX') && (path.length === 5 || path[5] === delimiter);
  const end = codes.length;
  const found: number[] = [];
  let states = new Uint8Array(end + 1);
  let next = new Uint8Array(end + 1);
  add(codes, states, 0);
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code === delimiterCode && states[end] === 1) found.push(i);
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
    if (!any) return found;
    [states, next] = [next, states];
  }
  if (states[end] === 1) found.push(path.length);
  return found;
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
