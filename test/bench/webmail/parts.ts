/** The measurements, by name, in the order they are made. Each leaves the page with a list open. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Laboratory } from '../../harness/laboratory.js';
import { pageSizes } from '../../harness/page-sizes.js';
import { laterBudgetsKB, pageBudgetsKB } from '../../harness/webmail-budgets.js';
import { quantile } from '../measure.js';
import type { Figures } from './figures.js';
import { person } from './mailbox.js';
import type { SlowBrowser } from './slow-browser.js';

export interface Measuring {
  readonly slow: SlowBrowser;
  readonly laboratory: Laboratory;
  readonly figures: Figures;
  readonly messages: number;
  readonly rounds: number;
}

type Part = (measuring: Measuring) => Promise<void>;

const median = (values: readonly number[]): number => quantile(values, 0.5);
const inbox = '/mail/inbox';

async function sizes({ slow, figures }: Measuring): Promise<void> {
  const built = pageSizes();
  const door = await (await fetch(slow.origin)).text();
  const signIn = gzipSync(door).length / 1000 + built.signInStyle;
  figures.add('sign-in page, all of it', 'KB', signIn, pageBudgetsKB.signIn);
  figures.add('mailbox page, script', 'KB', built.mailbox.script, pageBudgetsKB.script);
  figures.add('mailbox page, style', 'KB', built.mailbox.style, pageBudgetsKB.style);
  for (const [name, source, budget] of laterBudgetsKB) figures.add(name, 'KB', built.later(source), budget);
}

async function starts({ slow, figures, rounds }: Measuring): Promise<void> {
  const cold = [];
  for (let round = 0; round < rounds; round++) {
    await slow.forget();
    cold.push(await slow.load(inbox));
  }
  await slow.page.waitForTimeout(6_000); // what is kept for the next start is kept
  const warm = [];
  for (let round = 0; round < rounds; round++) warm.push(await slow.load(inbox));
  for (const [name, loads, paint, rows] of [
    ['cold', cold, 800, 1200],
    ['warm', warm, 250, 300],
  ] as const) {
    figures.add(`first paint, ${name}`, 'ms', median(loads.map((one) => one.paint)), paint, rounds);
    figures.add(`first rows, ${name}`, 'ms', median(loads.map((one) => one.rows)), rows, rounds);
  }
}

async function reading({ slow, figures, rounds }: Measuring): Promise<void> {
  const { page } = slow;
  const text = `document.querySelector('.pane article .text, .pane article iframe')?.checkVisibility()`;
  const click = (index: number) => page.locator(`[data-index="${index}"]`).click({ position: { x: 200, y: 30 } });
  const times = { ahead: [] as number[], anew: [] as number[] };
  for (const folder of ['/mail/inbox', '/mail/all']) {
    await slow.load(folder);
    await click(0);
    await page.locator('.pane article .text, .pane article iframe').first().waitFor();
    await page.waitForTimeout(1_500);
    for (let round = 0; round < rounds; round++) {
      const subject = await page.locator(`[data-index="${round + 1}"] .subject`).textContent();
      const there = `document.querySelector('.pane h1')?.textContent.trim() === ${JSON.stringify(subject?.trim())} && ${text}`;
      times.ahead.push(await slow.from('click', there, () => click(round + 1)));
      await page.waitForTimeout(900);
    }
    for (let round = 0; round < rounds; round++) {
      const index = 40 * (round + 2);
      await page.evaluate(`document.querySelector('[role=grid]').scrollTop = ${index} * 64; undefined`);
      await page.locator(`[data-index="${index}"] .subject`).waitFor();
      await page.waitForTimeout(300);
      const subject = await page.locator(`[data-index="${index}"] .subject`).textContent();
      const there = `document.querySelector('.pane h1')?.textContent.trim() === ${JSON.stringify(subject?.trim())} && ${text}`;
      times.anew.push(await slow.from('click', there, () => click(index)));
      await page.waitForTimeout(300);
    }
  }
  figures.add('open a message that was fetched ahead', 'ms', median(times.ahead), 50, times.ahead.length);
  figures.add('open a message that was not', 'ms', median(times.anew), 250, times.anew.length);
}

async function keys({ slow, figures }: Measuring): Promise<void> {
  const { page } = slow;
  await slow.load(inbox);
  await page.waitForTimeout(1_000);
  await page.evaluate('bench.interactions.length = 0');
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press(step % 12 === 11 ? 'k' : 'j');
    await page.waitForTimeout(60);
  }
  figures.add('keys J and K through the list, p98', 'ms', await slowest(slow, 60), 50, 60);
  await page.keyboard.press('Enter');
  await page.locator('.pane article').first().waitFor();
  await page.waitForTimeout(1_500);
  await page.evaluate('bench.interactions.length = 0');
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press(step % 8 === 7 ? 'k' : 'j');
    await page.waitForTimeout(250);
  }
  figures.add('keys J and K from message to message, p98', 'ms', await slowest(slow, 40), 100, 40);
  await page.evaluate('bench.interactions.length = 0');
  let acts = 0;
  const press = async (key: string): Promise<void> => {
    await page.keyboard.press(key);
    acts++;
    await page.waitForTimeout(200);
  };
  for (let round = 0; round < 8; round++) for (const key of ['j', 's', 's', 'x', 'x', 'e', 'z']) await press(key);
  for (const key of ['Control+k', 'Escape', '?', 'Escape', '/', 'Escape', 'v', 'Escape']) await press(key);
  figures.add('any interaction until the next paint, p98', 'ms', await slowest(slow, acts), 100, acts);
}

/** The 98th percentile; interactions too short to be told count as the shortest that is. */
async function slowest({ page }: SlowBrowser, count: number): Promise<number> {
  await page.waitForTimeout(300);
  const told = await page.evaluate<[number, number][]>('bench.interactions');
  const longest = new Map<number, number>();
  for (const [id, ms] of told) longest.set(id, Math.max(longest.get(id) ?? 0, ms));
  const all = [...longest.values()];
  return quantile([...all, ...Array<number>(Math.max(0, count - all.length)).fill(16)], 0.98);
}

interface Scrolled {
  readonly fps: number;
  readonly longestBlank: number;
  readonly nodes: number;
}

async function scroll({ slow, figures, messages }: Measuring): Promise<void> {
  const { page, cdp } = slow;
  await slow.load(inbox);
  await page.waitForTimeout(1_000);
  const run = (seconds: number, from: number, to: number): Promise<Scrolled> =>
    page.evaluate<Scrolled>(`bench.scroll(${seconds}, ${from}, ${to}); bench.result`);
  const whole = await run(30, 0, 1);
  figures.add('scroll through the whole list', 'fps', whole.fps, 58);
  figures.add('the same: a row without text', 'ms', whole.longestBlank, 100);
  // 1,500 px in a second: as fast as one can still read who wrote.
  await page.evaluate('bench.leap(0.3); bench.result');
  const reading = await run(10, 0.3, 0.3 + Math.min(0.5, (10 * 1500) / (messages * 64)));
  figures.add('scroll at reading speed', 'fps', reading.fps, 58);
  figures.add('the same: a row without text', 'ms', reading.longestBlank, 100);
  const leaps: number[] = [];
  for (let i = 1; i <= 12; i++) {
    leaps.push(await page.evaluate<number>(`bench.leap(${((i * 7919) % 1000) / 1000}); bench.result`));
    await page.waitForTimeout(200);
  }
  figures.add('leap of the scroll bar until every row is there', 'ms', median(leaps), 250, leaps.length);
  figures.add('elements in the list', 'nodes', Math.max(whole.nodes, reading.nodes), 1500);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  figures.add('memory of scripts after it', 'MB', usedSize / 1e6, 120);
}

const words = ['budget', 'laser', 'projet', 'réunion', 'thesis', 'data', 'mesure', 'weekly', 'report', 'plan'];

async function search({ slow, figures }: Measuring): Promise<void> {
  const { page } = slow;
  await slow.load(inbox);
  await page.waitForTimeout(1_500);
  const field = page.locator('search input');
  const [local, server, found] = [[] as number[], [] as number[], [] as number[]];
  await field.click();
  for (const word of words) {
    const subject = await page.evaluate<string>('bench.first()');
    const [known = word] = subject.split(/\W+/).filter((part) => part.length > 3);
    await field.fill(known.slice(0, -1));
    await page.waitForTimeout(600);
    const hits = `document.querySelectorAll('search [role=option]').length > 1`;
    local.push(await slow.from('input', hits, () => page.keyboard.type(known.slice(-1))));
    await field.fill('');
    await field.fill(word.slice(0, -1));
    await page.waitForTimeout(600);
    const [answer] = await Promise.all([
      page.waitForResponse((one) => one.url().endsWith('/jmap/api') && (one.request().postData() ?? '').includes(word)),
      page.keyboard.type(word.slice(-1)),
    ]);
    const { responseEnd } = answer.request().timing();
    server.push(80 + responseEnd);
    await page.keyboard.press('Escape');
    await field.fill(word);
    await page.evaluate(`bench.before = document.querySelector('[role=grid]')?.getAttribute('aria-label'); undefined`);
    const listed = `document.querySelector('[role=grid]')?.getAttribute('aria-label') !== bench.before && document.querySelector('[role=row] .subject')`;
    found.push(await slow.from('keydown', listed, () => page.keyboard.press('Enter')));
    await field.click();
    await field.fill('');
  }
  await page.keyboard.press('Escape');
  figures.add('search as one types: what is here, p95', 'ms', quantile(local, 0.95), 60, local.length);
  figures.add('search as one types: the server, p95', 'ms', quantile(server, 0.95), 300, server.length);
  figures.add('search, Enter until the list is there, p95', 'ms', quantile(found, 0.95), 300, found.length);
}

async function sending({ slow, figures, rounds }: Measuring): Promise<void> {
  const { page } = slow;
  await slow.load(inbox);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.keyboard.press('c');
    const composer = page.locator('section.composer');
    await composer.getByLabel('À', { exact: true }).fill('claire@labo.example');
    await page.keyboard.press('Enter');
    await composer.getByLabel('Objet', { exact: true }).fill(`Figures ${round}`);
    await composer.locator('[contenteditable]').click();
    await page.keyboard.type('Jeudi convient.');
    await page.waitForTimeout(500);
    const gone = `document.querySelector('section.composer') === null`;
    times.push(await slow.from('keydown', gone, () => page.keyboard.press('Control+Enter')));
    await page.waitForTimeout(1_000);
  }
  figures.add('send until the composer is closed', 'ms', median(times), 50, rounds);
}

async function arriving({ slow, laboratory, figures }: Measuring): Promise<void> {
  const { page } = slow;
  await slow.load(inbox);
  await page.waitForTimeout(2_000);
  const client = await laboratory.lmtp();
  await client.lhlo();
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const subject = `Arrival ${i} of ${Date.now()}`;
    await page.evaluate(`bench.seen(() => bench.first() === ${JSON.stringify(subject)}); undefined`);
    const message = Buffer.from(
      `From: Anna <anna@uni-x.example>\r\nTo: ${laboratory.address(person)}\r\nSubject: ${subject}\r\n\r\nHere.\r\n`,
    );
    const [reply] = await client.deliver({ from: 'anna@uni-x.example', to: [laboratory.address(person)], message });
    const stored = Date.now();
    assert.equal(reply?.code, 250);
    times.push((await page.evaluate<number>('bench.result')) - stored);
    await page.waitForTimeout(300);
  }
  await client.quit();
  figures.add('new mail, from stored to its row, p95', 'ms', quantile(times, 0.95), 1000, times.length);
}

async function folders({ slow, figures, rounds }: Measuring): Promise<void> {
  const { page } = slow;
  await slow.load(inbox);
  const visit = async (name: string): Promise<number> => {
    const other = await page.evaluate<string>('bench.first()');
    const there = `bench.first() !== undefined && bench.first() !== ${JSON.stringify(other)}`;
    const ms = await slow.from('click', there, () =>
      page.locator('nav.side').getByRole('link', { name }).first().click(),
    );
    await page.waitForTimeout(700);
    return ms;
  };
  for (const name of ['Projets', 'Collegues', 'Réception']) await visit(name);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const name of ['Projets', 'Collegues', 'Réception']) times.push(await visit(name));
  }
  figures.add('switch to a folder seen before', 'ms', median(times), 80, times.length);
}

async function listCalls({ slow, figures, messages }: Measuring): Promise<void> {
  const cookies = (await slow.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const headers = {
    cookie: cookies,
    'x-vaguemestre': '1',
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
  };
  const session = (await (await fetch(`${slow.origin}/jmap/session`, { headers })).json()) as {
    readonly primaryAccounts: Readonly<Record<string, string>>;
  };
  const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail'];
  const ask = async (calls: readonly unknown[]): Promise<{ methodResponses: [string, Record<string, unknown>][] }> => {
    const body = JSON.stringify({
      using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'],
      methodCalls: calls,
    });
    return (await (await fetch(`${slow.origin}/jmap/api`, { method: 'POST', headers, body })).json()) as never;
  };
  const boxes = await ask([['Mailbox/get', { accountId, ids: null }, 'm']]);
  const list = boxes.methodResponses[0]?.[1]['list'] as readonly { readonly id: string; readonly role: string }[];
  const filter = { inMailbox: list.find((one) => one.role === 'inbox')?.id };
  const sort = [{ property: 'receivedAt', isAscending: false }];
  const properties = [
    'threadId',
    'mailboxIds',
    'keywords',
    'from',
    'to',
    'subject',
    'receivedAt',
    'size',
    'hasAttachment',
    'preview',
  ];
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const position = (i * 104_729) % Math.max(1, messages - 50);
    const start = performance.now();
    const answer = await ask([
      ['Email/query', { accountId, filter, sort, position, limit: 50, calculateTotal: true }, 'q'],
      ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties }, 'g'],
    ]);
    times.push(performance.now() - start);
    const got = answer.methodResponses[1]?.[1]['list'] as readonly unknown[] | undefined;
    assert.equal(got?.length, 50);
  }
  figures.add('list call of 50 rows, anywhere, p95', 'ms', quantile(times, 0.95), 40, times.length);
}

export const parts: Readonly<Record<string, Part>> = {
  sizes,
  starts,
  keys,
  reading,
  scroll,
  folders,
  search,
  sending,
  arriving,
  listCalls,
};
