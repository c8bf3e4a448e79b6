/**
 * Keys that are pressed while what they are meant for is still on its way: a sheet whose code is being fetched, a message that
 * is being opened to write. They wait, and are given in order to what takes the focus; they never reach the commands of the
 * page, where the first letters of a word would archive and delete. What is not asked for in time is forgotten.
 */
import { isField } from './shortcuts.js';

const usuallyMs = 5_000;
const mostKeys = 200;
/** After what was waited for is said to be there: its focus comes with the next frames. */
const settleMs = 400;

export interface Holding {
  /** It is there, or it will not come: keys are held a moment longer, for the focus to arrive. */
  settled(): void;
  /** It is no longer wanted: keys are the page's again. */
  end(): void;
}

let current: { readonly kept: KeyboardEvent[]; readonly stop: () => void } | undefined;

/** One at a time: a new one takes the place of the one before. `longestMs` is for those who always say when it is settled. */
export function holdKeys(longestMs = usuallyMs): Holding {
  const kept = current?.kept ?? [];
  current?.stop();
  let arrived = false;

  function onkeydown(event: KeyboardEvent): void {
    if (!event.isTrusted || event.isComposing || ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph'].includes(event.key))
      return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (kept.length < mostKeys) kept.push(event);
  }
  function onfocusin({ target }: FocusEvent): void {
    if (arrived || !(target instanceof Element) || !(isField(target) || target.closest('dialog'))) return;
    arrived = true;
    // Before any other key, and after what the focus itself sets going.
    queueMicrotask(() => {
      stop();
      while (kept.length > 0 && current === undefined) press(kept.shift()!);
      // One of them opened something else: the rest is for that.
      current?.kept.push(...kept);
    });
  }
  function stop(): void {
    clearTimeout(timer);
    removeEventListener('keydown', onkeydown, true);
    removeEventListener('focusin', onfocusin, true);
    if (current?.stop === stop) current = undefined;
  }

  let timer = setTimeout(stop, longestMs);
  addEventListener('keydown', onkeydown, true);
  addEventListener('focusin', onfocusin, true);
  current = { kept, stop };
  return {
    settled() {
      clearTimeout(timer);
      if (current?.stop === stop) timer = setTimeout(stop, settleMs);
    },
    end: stop,
  };
}

/** As if it were pressed now, where the focus is: handlers first, then the letter itself. */
function press(event: KeyboardEvent): void {
  const target = document.activeElement ?? document.body;
  const again = new KeyboardEvent('keydown', {
    key: event.key,
    code: event.code,
    ctrlKey: event.ctrlKey,
    altKey: event.altKey,
    metaKey: event.metaKey,
    shiftKey: event.shiftKey,
    bubbles: true,
    cancelable: true,
  });
  if (!target.dispatchEvent(again) || event.ctrlKey || event.metaKey || !isField(target)) return;
  if (event.key.length === 1) document.execCommand('insertText', false, event.key);
  else if (event.key === 'Backspace') document.execCommand('delete');
}
