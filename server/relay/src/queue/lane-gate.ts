/**
 * One gate for the queue, of two: the world outside as `open-route-gate.ts` has it, and the mailbox service, which is one host
 * for everybody, takes more at a time, and is asked again soon when it was away.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { type GateLimits, openRouteGate, standardGateLimits } from './open-route-gate.js';
import type { RouteGate } from './route-gate.js';

const mailboxLimits: GateLimits = { ...standardGateLimits, initial: 8, closedMs: 2_000, routes: 10 };

export function gateOfLanes(world: RouteGate, clock: Clock): RouteGate {
  const mailboxes = openRouteGate(clock, mailboxLimits);
  const gateOf = (key: string): RouteGate => (key === 'mailbox' ? mailboxes : world);
  return {
    enter: (key) => gateOf(key).enter(key),
    closed: () => new Map([...world.closed(), ...mailboxes.closed()]),
    reopen: (key) => gateOf(key).reopen(key),
  };
}
