/**
 * Changes that the service has not answered yet, kept for the next start: what is done without network, on a reader's own
 * computer, outlives the page. They are kept a moment after they were made, since most are answered before, and go with
 * the answer, whatever it is. Each says how a message shall be, so doing it twice is doing it once.
 */
import type { EmailChanges } from '../jmap/store/email-row.js';
import { type Entries, merged } from '../jmap/store/late-changes.js';
import type { Vault } from './vault.js';

export interface ChangeKeeper {
  /** Returns what to call when it is answered. */
  hold(changes: EmailChanges): () => void;
  /** What earlier pages left, oldest first, the later word on each mark counting. */
  left(): Promise<Left>;
}

export interface Left {
  readonly changes: EmailChanges;
  /** They are another's to keep now. */
  forget(): Promise<void>;
}

const afterMs = 300;

export function createChangeKeeper(vault: Vault): ChangeKeeper {
  /** Of this page: not to be taken for what another left. */
  const own = new Set<string>();
  let next = 0;

  return {
    hold(changes) {
      // In order of time; pages that write at once differ by the rest.
      const name = `${String(Date.now()).padStart(15, '0')}-${String(next++).padStart(6, '0')}-${crypto.randomUUID()}`;
      let kept: Promise<unknown> | undefined;
      const keep = (): void => {
        own.add(name);
        kept = vault.put('changes', [{ name, value: [...changes] satisfies Entries }]);
      };
      const timer = navigator.onLine ? setTimeout(keep, afterMs) : undefined;
      if (timer === undefined) keep();
      return () => {
        clearTimeout(timer);
        void kept?.then(() => vault.put('changes', [{ name, value: undefined }])).then(() => own.delete(name));
      };
    },
    async left() {
      const all = [...(await vault.all<Entries>('changes'))].filter(([name]) => !own.has(name));
      all.sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        changes: merged(all.flatMap(([, entries]) => entries)),
        async forget() {
          await vault.put(
            'changes',
            all.map(([name]) => ({ name, value: undefined })),
          );
        },
      };
    },
  };
}
