/**
 * What a reader of the webmail waits for, each figure beside its budget: an inbox of 100,000 messages in Debian's Chromium
 * with a processor four times slower than this one and a line of 10 Mbit/s and 40 ms, against the real service.
 *
 *   node test/dist/bench/webmail.bench.js [--messages N] [--folder DIR] [--rounds N] [--only PART,...] [--out FILE]
 *
 * `--folder` keeps the mail for the next run. Wants an idle machine; a figure over its budget begins with `!`, and the
 * program then ends with 1.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openBrowser } from '../harness/browser.js';
import { openLaboratory } from '../harness/laboratory.js';
import { Figures } from './webmail/figures.js';
import { fillMailbox, person } from './webmail/mailbox.js';
import { parts } from './webmail/parts.js';
import { openSlowBrowser, slowness } from './webmail/slow-browser.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    folder: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: Object.keys(parts).join(',') },
    out: { type: 'string' },
  },
});
const messages = Number(values.messages);
const rounds = Number(values.rounds);
const filled = values.folder !== undefined && existsSync(values.folder);
const figures = new Figures();

const laboratory = await openLaboratory(
  filled ? [] : [person],
  values.folder === undefined ? {} : { folder: values.folder },
);
try {
  await fillMailbox(laboratory, messages);
  const browser = await openBrowser();
  try {
    const slow = await openSlowBrowser(browser, laboratory, person, { own: true });
    for (const name of values.only.split(',')) await parts[name]?.({ slow, laboratory, figures, messages, rounds });
    if (values.out !== undefined) {
      figures.write(values.out, { node: process.version, browser: browser.version(), messages, slowness });
    }
  } finally {
    await browser.close();
  }
} finally {
  await laboratory.stop();
}
process.exitCode = figures.missed.length > 0 ? 1 : 0;
