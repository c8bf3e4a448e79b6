/**
 * Loads test files as WildDuck ships them (CommonJS, mocha, chai) without mocha and chai: `describe`, `it` and the hooks
 * collect, `expect` asserts, and what a file requires of WildDuck can be replaced by ours. Nothing of WildDuck is copied: the
 * files are read where npm put them.
 */
import assert from 'node:assert/strict';
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
export const shippedTests = join(dirname(require.resolve('wildduck/package.json')), 'imap-core/test');

export interface BorrowedTest {
  /** Names of the suites and of the test, joined by ` > `. */
  readonly name: string;
  run(): Promise<void>;
}

type Body = (this: { timeout(ms: number): void }, done?: (error?: unknown) => void) => unknown;

interface Suite {
  readonly names: readonly string[];
  readonly before: Body[];
  readonly parent: Suite | undefined;
}

const context = { timeout: () => undefined };

/** What a test under way throws later, in a callback that nobody awaits. */
let failLater: ((error: unknown) => void) | undefined;

/** Runs a callback of a borrowed test: what it throws fails that test. */
export function runCallback(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    if (failLater === undefined) throw error;
    failLater(error);
  }
}

function runBody(body: Body): Promise<void> {
  return new Promise((resolve, reject) => {
    failLater = reject;
    const done = (error?: unknown): void => (error === undefined || error === null ? resolve() : reject(error));
    try {
      const result = body.length > 0 ? body.call(context, done) : body.call(context);
      if (body.length === 0) Promise.resolve(result).then(() => resolve(), reject);
    } catch (error) {
      reject(error);
    }
  });
}

/** `stubs` replaces what the file requires, by the text of the require. */
export function loadBorrowed(file: string, stubs: Readonly<Record<string, unknown>>): BorrowedTest[] {
  const tests: BorrowedTest[] = [];
  let suite: Suite = { names: [], before: [], parent: undefined };
  const globals = globalThis as unknown as Record<string, unknown>;
  const describe = (name: string, body: Body): void => {
    const outer = suite;
    suite = { names: [...outer.names, name], before: [], parent: outer };
    body.call(context);
    suite = outer;
  };
  const it = (name: string, body: Body): void => {
    const own = suite;
    tests.push({
      name: [...own.names, name].join(' > '),
      async run() {
        for (const hook of hooksOf(own)) await runBody(hook);
        await runBody(body);
      },
    });
  };
  const nothing = (): void => undefined;
  Object.assign(globals, {
    describe,
    it,
    beforeEach: (body: Body) => suite.before.push(body),
    // Tidying up is ours: every test has an account of its own.
    afterEach: nothing,
    before: nothing,
    after: nothing,
  });
  const path = join(shippedTests, file);
  const loader = Module as unknown as { _load(request: string, parent: { filename?: string }, main: boolean): unknown };
  const load = loader._load;
  loader._load = (request, parent, main) => {
    if (parent?.filename === path && request in stubs) return stubs[request];
    return load(request, parent, main);
  };
  try {
    require(path);
  } finally {
    loader._load = load;
    for (const name of ['describe', 'it', 'beforeEach', 'afterEach', 'before', 'after']) delete globals[name];
  }
  return tests;
}

function hooksOf(suite: Suite | undefined): Body[] {
  return suite === undefined ? [] : [...hooksOf(suite.parent), ...suite.before];
}

/** A value of which everything holds: for what is known to differ inside a test whose other questions are worth asking. */
export const excused: unknown = new Proxy({}, { get: () => excused });

/** As much of chai as those files use. */
export const chai = { config: {}, expect };

function expect(actual: unknown): unknown {
  return assertion(actual, false);
}

function assertion(actual: unknown, negated: boolean): unknown {
  const check = (holds: boolean, what: string): void => {
    if (actual === excused) return;
    assert.ok(holds !== negated, `expected ${format(actual)} ${negated ? 'not ' : ''}${what}`);
  };
  const equal = (expected: unknown): void => check(actual === expected, `to equal ${format(expected)}`);
  const deepEqual = (expected: unknown): void => {
    if (actual === excused) return;
    if (negated) assert.notDeepEqual(actual, expected);
    else assert.deepEqual(actual, expected);
  };
  return {
    get to() {
      return this;
    },
    get be() {
      return this;
    },
    get not() {
      return assertion(actual, !negated);
    },
    equal,
    deep: { equal: deepEqual },
    throw() {
      let thrown = false;
      try {
        (actual as () => void)();
      } catch {
        thrown = true;
      }
      check(thrown, 'to throw');
    },
    get true() {
      return check(actual === true, 'to be true');
    },
    get false() {
      return check(actual === false, 'to be false');
    },
    get exist() {
      return check(actual !== null && actual !== undefined, 'to exist');
    },
  };
}

const format = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));
