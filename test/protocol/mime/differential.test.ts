/**
 * Our reading of real and hostile mail against three others. Short form: every message of `VAGUEMESTRE_TEST_CORPUS` and every sixth
 * of the package; `VAGUEMESTRE_TEST_LONG=1` takes all. What nobody explains fails, and so does an explanation that nothing
 * needs any more.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { type CorpusMessage, extraCorpus, spamAssassin } from '../../harness/corpus.js';
import { differenceRules, subjectOf } from './differences.js';
import {
  type Comparison,
  compareWithMailparser,
  compareWithPostalMime,
  compareWithWildduck,
  type Oracle,
} from './oracles.js';

const long = process.env['VAGUEMESTRE_TEST_LONG'] === '1';
const extra = (process.env['VAGUEMESTRE_TEST_CORPUS'] ?? '') !== '';

async function* messages(): AsyncGenerator<CorpusMessage> {
  let index = 0;
  for await (const message of spamAssassin()) if (index++ % 6 === 0 || long) yield message;
  yield* extraCorpus();
}

test('ENVELOPE, BODYSTRUCTURE, decoded fields, text and attachments agree with three other readers', async () => {
  const unexplained: string[] = [];
  const needed = new Set<string>();
  let compared = 0;
  for await (const message of messages()) {
    const facts = messageFacts(message.octets);
    const subject = subjectOf(message.octets, facts);
    const readers: readonly (readonly [Oracle, () => readonly Comparison[] | Promise<readonly Comparison[]>])[] = [
      ['wildduck', () => compareWithWildduck(message.octets, facts)],
      ['postal-mime', () => compareWithPostalMime(message.octets, facts)],
      ['mailparser', () => compareWithMailparser(message.octets, facts)],
    ];
    for (const [oracle, compare] of readers) {
      let comparisons: readonly Comparison[];
      try {
        comparisons = await compare();
      } catch (error) {
        comparisons = [['throws', 'nothing', String(error)]];
      }
      for (const [field, ours, theirs] of comparisons) {
        compared++;
        if (JSON.stringify(ours) === JSON.stringify(theirs)) continue;
        const difference = { oracle, field, ours, theirs };
        const rule = differenceRules.find(
          (candidate) =>
            candidate.oracles.includes(oracle) &&
            candidate.fields.some((name) => field === name || field.startsWith(`${name} `)) &&
            candidate.explains(difference, subject),
        );
        if (rule === undefined)
          unexplained.push(
            `${message.name} ${oracle} ${field}: ${JSON.stringify(ours)?.slice(0, 300)} <> ${JSON.stringify(theirs)?.slice(0, 300)}`,
          );
        else needed.add(rule.name);
      }
    }
  }
  assert.ok(compared > 20_000, `only ${compared} comparisons`);
  assert.deepEqual(
    unexplained.slice(0, Number(process.env['SHOW'] ?? 20)),
    [],
    `${unexplained.length} unexplained of ${compared}`,
  );
  if (long && extra) {
    const idle = differenceRules.filter((rule) => !needed.has(rule.name)).map((rule) => rule.name);
    assert.deepEqual(idle, [], 'rules that nothing needs');
  }
});
