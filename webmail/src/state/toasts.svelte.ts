/**
 * Short notices at the foot of the page, and what can be taken back. Every act that changes something is told here with the
 * way back; `z` takes the last one back, then the one before it. A notice stays ten seconds, and as long as it is looked at;
 * what it said remains in the list of acts until the page closes.
 */

export interface Toast {
  readonly id: number;
  readonly text: string;
  /** Takes the act back. It says so itself when that fails. */
  readonly undo?: () => void;
  /** What one may do about it, when that is not taking it back. */
  readonly act?: { readonly words: string; run(): void };
  readonly tone: 'done' | 'trouble';
  readonly icon?: string;
  /** How long it shows; the bar under it is that long. */
  readonly forMs: number;
  /** When it ends whether looked at or not: what it offers ends then. Milliseconds since 1970. */
  readonly until?: number;
  /** What is seen in place of `text`, by the seconds left; read aloud is `text` alone, once. */
  readonly counted?: (seconds: number) => string;
  /** Stays until it is closed. */
  readonly lasting?: boolean;
}

type ToastOptions = Partial<Pick<Toast, 'undo' | 'act' | 'lasting' | 'tone' | 'icon' | 'forMs' | 'until' | 'counted'>>;

export const undoMs = 10_000;
const mostShown = 3;
const mostRemembered = 50;

let shown = $state.raw<Toast[]>([]);
const acts: Toast[] = [];
let next = 1;

export const toasts = {
  get shown(): readonly Toast[] {
    return shown;
  },
  /** Newest last. */
  get acts(): readonly Toast[] {
    return acts;
  },
  say(text: string, options: ToastOptions = {}): Toast {
    const toast: Toast = { tone: 'done', forMs: undoMs, ...options, id: next++, text };
    shown = [...shown, toast].slice(-mostShown);
    acts.push(toast);
    if (acts.length > mostRemembered) acts.shift();
    return toast;
  },
  /** The same notice with other words: a count that goes on. */
  change(id: number, text: string): void {
    shown = shown.map((toast) => (toast.id === id ? { ...toast, text } : toast));
  },
  dismiss(id: number): void {
    shown = shown.filter((toast) => toast.id !== id);
  },
  undo(toast: Toast): void {
    const index = acts.indexOf(toast);
    if (index < 0) return; // taken back already
    acts.splice(index, 1);
    toasts.dismiss(toast.id);
    toast.undo?.();
  },
  get canUndo(): boolean {
    void shown; // watched: acts change when it does
    return acts.some((toast) => toast.undo !== undefined);
  },
  undoLast(): void {
    const last = acts.findLast((toast) => toast.undo !== undefined);
    if (last) toasts.undo(last);
  },
};
