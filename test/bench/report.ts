import { median, type Row, type Unit } from './measure.js';

/** The rows of several runs on one target. */
export interface Results {
  readonly target: { readonly name: string; readonly version: string | undefined; readonly settings: unknown };
  readonly date: string;
  readonly node: string;
  readonly rows: Record<string, { readonly unit: Unit; readonly samples: Row[] }>;
  readonly failures: { readonly scenario: string; readonly error: string }[];
  readonly skipped: { readonly scenario: string; readonly why: string }[];
}

export const isRate = (unit: Unit) => unit.endsWith('/s');

/** Above 1: `b` is better. */
export function ratioOf(unit: Unit, a: number, b: number): number {
  return isRate(unit) ? b / a : a / b;
}

const figure = (value: number) => {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  return size >= 1000 ? value.toFixed(0) : size >= 100 ? value.toFixed(1) : value.toFixed(2);
};
const share = (value: number) => (Number.isFinite(value) ? `${(value * 100).toFixed(0)}%` : '-');

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((text, i) => Math.max(text.length, ...body.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join('\n');
}

const column = (samples: readonly Row[], key: 'value' | 'clientShare' | 'otherShare' | 'serverMsPerOperation') =>
  median(samples.map((sample) => sample[key] ?? Number.NaN));

export function reportOne(results: Results): string {
  const rows = Object.entries(results.rows).map(([name, { unit, samples }]) => {
    const values = samples.map((sample) => sample.value);
    const operation = column(samples, 'serverMsPerOperation');
    return [
      name,
      unit,
      figure(median(values)),
      figure(Math.min(...values)),
      figure(Math.max(...values)),
      share(column(samples, 'clientShare')),
      share(column(samples, 'otherShare')),
      Number.isFinite(operation) ? operation.toPrecision(3) : '-',
    ];
  });
  const head = ['row', 'unit', 'median', 'min', 'max', 'client', 'other', 'server ms/op'];
  return [
    `${results.target.name} ${results.target.version ?? ''}`,
    table(head, rows),
    ...results.skipped.map(({ scenario, why }) => `SKIPPED ${scenario}: ${why}`),
    ...results.failures.map(({ scenario, error }) => `FAILED ${scenario}: ${error}`),
  ].join('\n');
}

export function reportPair(a: Results, b: Results, ratios: Readonly<Record<string, readonly number[]>>): string {
  const rows = Object.entries(ratios).map(([name, list]) => {
    const [rowA, rowB] = [a.rows[name]!, b.rows[name]!];
    return [
      name,
      rowA.unit,
      figure(column(rowA.samples, 'value')),
      figure(column(rowB.samples, 'value')),
      figure(median(list)),
      figure(Math.min(...list)),
      figure(Math.max(...list)),
      figure(column(rowA.samples, 'serverMsPerOperation') / column(rowB.samples, 'serverMsPerOperation')),
    ];
  });
  const head = ['row', 'unit', a.target.name, b.target.name, 'ratio', 'min', 'max', 'CPU/op ratio'];
  return `${b.target.name} beside ${a.target.name}, in turn (ratio above 1: ${b.target.name} is better)\n${table(head, rows)}`;
}
