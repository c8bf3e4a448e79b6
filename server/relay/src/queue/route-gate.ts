/**
 * Who may go to which host at the moment: concurrency of a route, and back-off of one that does not answer. In memory, one a
 * process: a process that starts anew asks a dead host once more, which costs nothing that matters.
 */
export interface RouteGate {
  /** undefined: not now. Else it is to be called with what came of it, once. */
  enter(key: string): ((report: { readonly unreachable: boolean }) => void) | undefined;
  /** Keys for which `enter` would say no, and until when (wall clock; 0: until somebody leaves). */
  closed(): ReadonlyMap<string, number>;
  /** Opens a route again: an operator knows that the host is back. */
  reopen(key: string): void;
}
