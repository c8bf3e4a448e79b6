import type { Terminal } from './terminal.js';

/** A line that says how far a long command is: drawn over itself on a terminal, once every ten seconds in a log. */
export interface ProgressBar {
  /** `fraction` 0 to 1. */
  update(fraction: number, says: string): void;
  /** Takes the line away, so that a report can follow. */
  end(): void;
}

const redrawMs = 100;
const logMs = 10_000;

export function createProgressBar(terminal: Terminal, now: () => number = () => performance.now()): ProgressBar {
  const started = now();
  let last = terminal.interactive ? Number.NEGATIVE_INFINITY : started;
  let drawn = false;
  return {
    update(fraction, says) {
      const at = now();
      if (at - last < (terminal.interactive ? redrawMs : logMs)) return;
      last = at;
      const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`;
      const left = fraction > 0.005 ? `, ${duration(((at - started) * (1 - fraction)) / fraction)} left` : '';
      if (!terminal.interactive) {
        terminal.err(`${percent.trim()}  ${says}${left}\n`);
        return;
      }
      const width = 24;
      const full = Math.round(fraction * width);
      const line = `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${percent}  ${says}${left}`;
      terminal.err(`\r\x1b[K${line.slice(0, Math.max(20, terminal.columns - 1))}`);
      drawn = true;
    },
    end() {
      if (drawn) terminal.err('\r\x1b[K');
      drawn = false;
    },
  };
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `3.4 MB`: for reading, not for counting. */
export function amount(octets: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = octets;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
