import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { destroyAll } from './clients/socket.js';
import { load, verify } from './load.js';
import { Run, type RunOptions, sleep } from './measure.js';
import { type Results, ratioOf, reportOne, reportPair } from './report.js';
import { scenarios } from './scenarios/all.js';
import { SkippedScenario, Target } from './target.js';

const help = `Measures mail servers from the outside and checks that what it timed took place.

  node test/dist/bench/bench.js load   TARGET.json
  node test/dist/bench/bench.js verify TARGET.json
  node test/dist/bench/bench.js run    TARGET.json          [options]
  node test/dist/bench/bench.js pair   A.json B.json        [options]

  --scenarios a,b   of: ${Object.keys(scenarios).join(' ')}
  --runs N          rounds (3)
  --seconds N       length of the timed rows (4)
  --mixed N         length of mixed (20)
  --limit N         a scenario that takes longer is FAILED (600)
  --out FILE        results as JSON

A pair runs both servers in turn in one run: only its ratios are worth quoting. Columns: client, CPU of this harness over the
row's time (near 100 % the row measures the harness); other, what anything else on the machine took; server ms/op, CPU of the
server's process tree an operation.
`;

interface Options extends RunOptions {
  readonly names: readonly string[];
  readonly runs: number;
  readonly limitSeconds: number;
  readonly out: string | undefined;
}

function emptyResults({ description }: Target): Results {
  return {
    target: { name: description.name, version: description.version, settings: description.settings },
    date: new Date().toISOString(),
    node: process.version,
    rows: {},
    failures: [],
    skipped: [],
  };
}

/** Runs one scenario once and adds what came of it to `results`. */
async function once(target: Target, name: string, options: Options, results: Results): Promise<Run> {
  const run = new Run(target, options);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took over ${options.limitSeconds} s`)), options.limitSeconds * 1000);
  });
  try {
    await Promise.race([scenarios[name]!(run), late]);
  } catch (error) {
    destroyAll();
    await sleep(500);
    const text = error instanceof Error ? error.message : String(error);
    if (!(error instanceof SkippedScenario)) results.failures.push({ scenario: name, error: text });
    else if (!results.skipped.some((one) => one.scenario === name)) results.skipped.push({ scenario: name, why: text });
  } finally {
    clearTimeout(timer);
  }
  for (const [row, value] of run.rows) {
    results.rows[row] ??= { unit: value.unit, samples: [] };
    results.rows[row].samples.push(value);
  }
  return run;
}

async function runAll(target: Target, options: Options): Promise<boolean> {
  const results = emptyResults(target);
  for (let round = 0; round < options.runs; round++) {
    for (const name of options.names) {
      await once(target, name, options, results);
      console.error(`${name} ${round + 1}/${options.runs}`);
      if (options.out) writeFileSync(options.out, JSON.stringify(results, null, 1));
    }
  }
  console.log(reportOne(results));
  return results.failures.length === 0;
}

async function pair(first: Target, second: Target, options: Options): Promise<boolean> {
  const a = emptyResults(first);
  const b = emptyResults(second);
  const ratios: Record<string, number[]> = {};
  for (const name of options.names) {
    for (let round = 0; round < options.runs; round++) {
      // A B, B A, A B: a drift of the machine falls on both
      const swapped = round % 2 === 1;
      const runs: Run[] = [];
      for (const [target, results] of swapped
        ? ([
            [second, b],
            [first, a],
          ] as const)
        : ([
            [first, a],
            [second, b],
          ] as const)) {
        runs.push(await once(target, name, options, results));
      }
      const [runA, runB] = swapped ? [runs[1]!, runs[0]!] : [runs[0]!, runs[1]!];
      for (const [row, value] of runA.rows) {
        const other = runB.rows.get(row);
        if (!other) continue;
        ratios[row] ??= [];
        ratios[row].push(ratioOf(value.unit, value.value, other.value));
      }
      console.error(`${name} ${round + 1}/${options.runs}`);
    }
    if (options.out) writeFileSync(options.out, JSON.stringify({ a, b, ratios }, null, 1));
  }
  console.log([reportOne(a), reportOne(b), reportPair(a, b, ratios)].join('\n\n'));
  return a.failures.length + b.failures.length === 0;
}

async function main(): Promise<boolean> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      scenarios: { type: 'string' },
      runs: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      mixed: { type: 'string', default: '20' },
      limit: { type: 'string', default: '600' },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [verb, ...files] = positionals;
  const targets = files.map((file) => new Target(file));
  const names = values.scenarios?.split(',') ?? Object.keys(scenarios);
  const unknown = names.filter((name) => !(name in scenarios));
  if (unknown.length > 0)
    throw new Error(`no scenario ${unknown.join(', ')}; there are: ${Object.keys(scenarios).join(' ')}`);
  const options: Options = {
    names,
    runs: Number(values.runs),
    seconds: Number(values.seconds),
    mixedSeconds: Number(values.mixed),
    limitSeconds: Number(values.limit),
    out: values.out,
  };
  if (verb === 'load' && targets.length === 1) await load(targets[0]!, console.log);
  else if (verb === 'verify' && targets.length === 1) await verify(targets[0]!, console.log);
  else if (verb === 'run' && targets.length === 1) return runAll(targets[0]!, options);
  else if (verb === 'pair' && targets.length === 2) return pair(targets[0]!, targets[1]!, options);
  else console.log(help);
  return true;
}

process.exit((await main()) ? 0 : 1);
