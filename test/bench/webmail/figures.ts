/** Figures beside their budgets, printed as they come and kept for the file of results. */
import { writeFileSync } from 'node:fs';

export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'KB' | 'MB' | 'fps' | 'nodes';
  readonly value: number;
  readonly budget: number;
  /** How many times it was measured. */
  readonly count: number;
}

const isKept = ({ unit, value, budget }: Figure): boolean => (unit === 'fps' ? value >= budget : value <= budget);

export class Figures {
  readonly all: Figure[] = [];

  add(what: string, unit: Figure['unit'], value: number, budget: number, count = 1): void {
    const figure = { what, unit, value: Math.round(value * 10) / 10, budget, count };
    this.all.push(figure);
    const sign = unit === 'fps' ? '>=' : '<=';
    const [shown, limit] = [figure.value.toFixed(1).padStart(8), String(budget).padStart(6)];
    console.log(
      `${isKept(figure) ? ' ' : '!'} ${what.padEnd(52)} ${shown} ${unit.padEnd(5)} ${sign} ${limit}  n ${count}`,
    );
  }

  get missed(): readonly Figure[] {
    return this.all.filter((figure) => !isKept(figure));
  }

  write(file: string, circumstances: Readonly<Record<string, unknown>>): void {
    const rows = Object.fromEntries(this.all.map(({ what, ...rest }) => [what, rest]));
    writeFileSync(file, `${JSON.stringify({ date: new Date().toISOString(), ...circumstances, rows }, null, 1)}\n`);
  }
}
