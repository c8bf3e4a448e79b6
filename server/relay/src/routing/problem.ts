/** Why a message cannot go its way, found before any host was spoken to. `later`: it may be otherwise then. */
export interface RoutingProblem {
  readonly kind: 'failed' | 'later';
  /** RFC 3463. */
  readonly enhanced: string;
  readonly text: string;
}

export const failed = (enhanced: string, text: string): RoutingProblem => ({ kind: 'failed', enhanced, text });
export const later = (enhanced: string, text: string): RoutingProblem => ({ kind: 'later', enhanced, text });
