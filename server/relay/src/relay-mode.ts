/**
 * Which mode the relay is in: what was said to all relays last, until its time is over, else what the settings say. Followed by looking
 * every two seconds; while the store is away the last one counts.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@vaguemestre/server/kernel/clock';
import type { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import type { Log } from '@vaguemestre/server/kernel/log';
import type { ModeInForce, RelayMode } from '@vaguemestre/server/outbox/relay-desk';
import type { ModeDocument, RelayState } from './database/relay-state.js';

const lookMs = 2_000;

export function modeInForce(said: ModeDocument | undefined, byDefault: RelayMode, nowMs: number): ModeInForce {
  if (said === undefined || (said.until !== undefined && said.until.getTime() <= nowMs)) {
    return { mode: byDefault, by: 'the settings' };
  }
  const { mode, by, at, until } = said;
  return { mode, by, at, ...(until && { until }) };
}

/** Resolves with the mode of the moment, once it is known. */
export async function followMode(
  state: Pick<RelayState, 'mode'>,
  byDefault: RelayMode,
  { clock, lifetime, log }: { readonly clock: Clock; readonly lifetime: Lifetime; readonly log: Log },
): Promise<() => RelayMode> {
  let said = await state.mode();
  let last = modeInForce(said, byDefault, clock.nowMs()).mode;
  lifetime.run('relay mode', async (signal) => {
    for (;;) {
      await sleep(lookMs, undefined, { signal });
      try {
        said = await state.mode();
      } catch (error) {
        log.debug({ err: error }, 'the mode of the relay could not be looked up');
      }
      const { mode, by } = modeInForce(said, byDefault, clock.nowMs());
      if (mode !== last) log.warn({ audit: 'relay mode', mode, by }, `the relay is in mode ${mode} now`);
      last = mode;
    }
  });
  return () => modeInForce(said, byDefault, clock.nowMs()).mode;
}
