/**
 * Runs the stages of a message side by side and puts together what they said: a pure decision (`decide`) over results that
 * each came in time or count as an error.
 */
import type { Log } from '@vaguemestre/server/kernel/log';
import type { Entrance } from '../spool/spool-record.js';
import type { Stage, StageMessage, StageResult } from './stage.js';

export interface Looked {
  readonly stage: Pick<Stage, 'name' | 'onError'>;
  readonly result: StageResult;
  readonly ms: number;
}

export type Decision =
  | {
      readonly kind: 'deliver';
      readonly verdict: 'clean' | 'suspect' | 'spam';
      readonly score: number;
      readonly fields: string;
    }
  | { readonly kind: 'hold'; readonly reason: string; readonly fields: string }
  | { readonly kind: 'discard'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly reply: string; readonly reason: string };

export async function runStages(
  stages: readonly Stage[],
  message: StageMessage,
  log: Log,
  signal: AbortSignal,
): Promise<readonly Looked[]> {
  return Promise.all(
    stages.map(async (stage) => {
      const began = performance.now();
      let result: StageResult;
      try {
        result = await stage.look(message, AbortSignal.any([signal, AbortSignal.timeout(stage.timeoutMs)]));
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error, stage: stage.name, id: message.id }, 'a stage failed');
        result = { kind: 'error', reason: `${stage.name} does not answer` };
      }
      return { stage, result, ms: performance.now() - began };
    }),
  );
}

/** The hardest word counts. `mayRefuse`: the other end is the sender's own host, and tells him. */
export function decide(looked: readonly Looked[], mayRefuse: boolean): Decision {
  let score = 0;
  let verdict: 'clean' | 'suspect' | 'spam' = 'clean';
  let fields = '';
  let hold: string | undefined;
  let discard: string | undefined;
  let refuse: { readonly reply: string; readonly reason: string } | undefined;
  for (const { stage, result } of looked) {
    switch (result.kind) {
      case 'clean':
      case 'suspect':
      case 'spam':
        score += result.score ?? 0;
        fields += result.fields ?? '';
        if (result.kind === 'spam' || (result.kind === 'suspect' && verdict === 'clean')) verdict = result.kind;
        break;
      case 'hold':
        hold ??= result.reason;
        break;
      case 'discard':
        discard ??= result.reason;
        break;
      case 'refuse':
        refuse ??= result;
        break;
      case 'error':
        if (stage.onError === 'hold') hold ??= result.reason;
        else if (verdict === 'clean') fields += `X-Vaguemestre-Unseen: ${stage.name}\r\n`;
        break;
      default:
        return result satisfies never;
    }
  }
  if (refuse !== undefined) {
    return mayRefuse ? { kind: 'refuse', ...refuse } : { kind: 'hold', reason: refuse.reason, fields };
  }
  if (hold !== undefined) return { kind: 'hold', reason: hold, fields };
  if (discard !== undefined) return { kind: 'discard', reason: discard };
  return { kind: 'deliver', verdict, score, fields };
}

/** From the campus a refusal comes back as its notice to a sender who is mostly forged; a machine of ours tells its user. */
export const mayRefuse = (entrance: Entrance, mode: 'campus' | 'direct'): boolean =>
  entrance === 'internal' || (entrance === 'edge' && mode === 'direct');
