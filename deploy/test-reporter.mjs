/**
 * How `npm test` shows what node:test reports: one line a part with its count and time, every failure in full, every suite
 * that did not run, and node:test's own closing lines. Also writes what did not run to the file named in
 * VAGUEMESTRE_TEST_SKIPPED, for test.mjs to judge.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';

const root = process.cwd();

/** `test/protocol/imap` of `/.../test/dist/protocol/imap/fetch.test.js`. */
function partOf(file) {
  if (!file) return 'other';
  const path = relative(root, file)
    .replaceAll('\\', '/')
    .replace(/^test\/dist\//, 'test/')
    .replace(/^server\/embedded\/dist\/test\/?/, 'embedded/');
  const folder = path.slice(0, path.lastIndexOf('/'));
  return folder.split('/').slice(0, 3).join('/') || 'other';
}

const indent = (text, by) => text.replaceAll('\n', `\n${' '.repeat(by)}`);

function describe(error) {
  const cause = error?.cause ?? error;
  return inspect(cause, { depth: 6, breakLength: 120 });
}

export default async function* report(source) {
  const parts = new Map();
  const times = new Map();
  const failures = [];
  const skipped = [];
  const path = [];
  const running = runningTests();
  for await (const { type, data } of source) {
    running.see(type, data);
    if (type === 'test:start') {
      path[data.nesting] = data.name;
      path.length = data.nesting + 1;
    } else if (type === 'test:pass' || type === 'test:fail') {
      const isSuite = data.details?.type === 'suite';
      const part = partOf(data.file);
      const tally = parts.get(part) ?? { pass: 0, fail: 0, skip: 0, ms: 0 };
      parts.set(part, tally);
      const name = [...path.slice(0, data.nesting), data.name].join(' > ');
      if (data.nesting === 0) {
        const ms = data.details?.duration_ms ?? 0;
        tally.ms += ms;
        if (data.file) times.set(data.file, (times.get(data.file) ?? 0) + ms);
      }
      if (data.skip !== undefined && data.skip !== false) {
        if (!isSuite) tally.skip++;
        skipped.push({ part, name, reason: typeof data.skip === 'string' ? data.skip : '' });
      } else if (type === 'test:pass') {
        if (!isSuite) tally.pass++;
      } else if (data.todo === undefined || data.todo === false) {
        if (!isSuite) tally.fail++;
        // A suite fails because a test in it did: that one is shown already.
        if (!isSuite || data.details?.error?.failureType !== 'subtestsFailed') {
          failures.push(name);
          yield `\nnot ok: ${name}\n  at ${data.file ?? '?'}:${data.line ?? '?'}\n  ${indent(describe(data.details?.error), 2)}\n${running.of(data)}`;
        }
      }
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      if (process.env.VAGUEMESTRE_TEST_OUTPUT) yield data.message;
    } else if (type === 'test:diagnostic' && data.nesting === 0) {
      if (parts.size > 0 && data.message.startsWith('tests ')) yield summary(parts) + slowest(times);
      yield `ℹ ${data.message}\n`;
    }
  }
  if (failures.length > 0) yield `\nfailed:\n${failures.map((name) => `  ${name}\n`).join('')}`;
  if (process.env.VAGUEMESTRE_TEST_SKIPPED) {
    writeFileSync(process.env.VAGUEMESTRE_TEST_SKIPPED, JSON.stringify({ skipped, failures }));
  }
}

/** Which tests of a file have begun and not ended: a file that is ended because it hangs does not say so itself. */
function runningTests() {
  const files = new Map();
  return {
    see(type, { file, name, nesting }) {
      if (type !== 'test:dequeue' && type !== 'test:complete') return;
      const names = files.get(file) ?? [];
      files.set(file, names);
      if (type === 'test:dequeue') names.push({ name, nesting });
      else if (names.some((one) => one.name === name && one.nesting === nesting))
        names.splice(
          names.findLastIndex((one) => one.name === name && one.nesting === nesting),
          1,
        );
    },
    of({ file, details }) {
      if (details?.error?.failureType !== 'testTimeoutFailure') return '';
      const names = (files.get(file) ?? []).map(({ name }) => name);
      return names.length > 0 ? `  was running: ${names.join(' > ')}\n` : '';
    },
  };
}

/** What to look at first when the whole takes too long. */
function slowest(times) {
  const rows = [...times].filter(([, ms]) => ms > 5_000).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return '';
  const lines = rows
    .slice(0, 8)
    .map(([file, ms]) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(root, file)}\n`);
  return `slowest files:\n${lines.join('')}\n`;
}

function summary(parts) {
  const rows = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([part]) => part.length));
  let text = '\n';
  for (const [part, { pass, fail, skip, ms }] of rows) {
    const counts = `${String(pass).padStart(6)} passed${fail ? `, ${fail} FAILED` : ''}${skip ? `, ${skip} skipped` : ''}`;
    text += `${part.padEnd(width)} ${counts.padEnd(36)} ${(ms / 1000).toFixed(1).padStart(7)} s\n`;
  }
  return `${text}\n`;
}
