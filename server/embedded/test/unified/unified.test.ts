/**
 * MongoDB's published tests against this server: the folder named by VAGUEMESTRE_MONGODB_SPECS, with suites below it.
 * VAGUEMESTRE_MONGODB_SPECS_REPORT=1 prints what fails instead of failing.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../start-server.js';
import { expectedFailures, refused } from './expected.js';
import { Skip } from './operations.js';
import { parseTestFile, runTest, unmet } from './runner.js';

const folder = process.env['VAGUEMESTRE_MONGODB_SPECS'];
const reporting = process.env['VAGUEMESTRE_MONGODB_SPECS_REPORT'] !== undefined;

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.name.endsWith('.json') ? [path] : [];
  });
}

describe('published tests of MongoDB', { skip: folder ? false : 'VAGUEMESTRE_MONGODB_SPECS names no folder' }, () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer();
  });
  after(() => running.stop());

  for (const path of folder ? filesBelow(folder).sort() : []) {
    const name = relative(folder!, path);
    if (refused.some(({ files }) => files.test(name))) continue;
    const file = parseTestFile(readFileSync(path, 'utf8'));
    describe(name, () => {
      for (const test of file.tests) {
        const full = `${name}: ${test.description}`;
        const skip = test.skipReason ?? unmet(file.runOnRequirements) ?? unmet(test['runOnRequirements']);
        if (skip) continue;
        it(test.description, async (context) => {
          const expected = expectedFailures.find(({ tests }) => tests.test(full));
          try {
            await runTest(running.server.uri, running.client, file, test);
          } catch (error) {
            if (error instanceof Skip) return context.skip(error.message);
            if (reporting && !expected)
              return console.log(`FAILS ${full} :: ${String((error as Error).message).split('\n')[0]}`);
            if (expected) return context.diagnostic(`fails as expected: ${expected.reason}`);
            throw error;
          }
          if (expected) {
            if (reporting) console.log(`PASSES ${full}`);
            else assert.fail(`passes, but is listed as failing: ${expected.reason}`);
          }
        });
      }
    });
  }
});
