/** How many pictures are fetched at a time: each may hold eight megabytes and six seconds. One person cannot take all. */
import { MailError } from '../../kernel/errors.js';

export interface PictureSlots {
  /** MailError throttled when too many wait already. */
  run<T>(account: string, work: () => Promise<T>): Promise<T>;
}

export interface PictureSlotLimits {
  readonly running: number;
  readonly runningPerAccount: number;
  readonly waitingPerAccount: number;
}

export const pictureSlotLimits: PictureSlotLimits = { running: 16, runningPerAccount: 6, waitingPerAccount: 200 };

export function createPictureSlots(limits: PictureSlotLimits): PictureSlots {
  const runningOf = new Map<string, number>();
  const waiting: { readonly account: string; readonly start: () => void }[] = [];
  let running = 0;

  const mayRun = (account: string): boolean =>
    running < limits.running && (runningOf.get(account) ?? 0) < limits.runningPerAccount;

  const take = (account: string): void => {
    running++;
    runningOf.set(account, (runningOf.get(account) ?? 0) + 1);
  };

  const give = (account: string): void => {
    running--;
    const left = (runningOf.get(account) ?? 1) - 1;
    if (left === 0) runningOf.delete(account);
    else runningOf.set(account, left);
    const next = waiting.findIndex((one) => mayRun(one.account));
    const [one] = next < 0 ? [] : waiting.splice(next, 1);
    if (one === undefined) return;
    take(one.account);
    one.start();
  };

  return {
    async run(account, work) {
      if (mayRun(account)) take(account);
      else {
        if (waiting.filter((one) => one.account === account).length >= limits.waitingPerAccount) {
          throw new MailError('throttled', 'Too many pictures at once; try again in a few seconds.');
        }
        await new Promise<void>((start) => waiting.push({ account, start }));
      }
      try {
        return await work();
      } finally {
        give(account);
      }
    },
  };
}
