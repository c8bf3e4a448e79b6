/** Reading mail in the webmail, on the running service. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { unlessInstalled } from '../harness/programs.js';
import { readingMail } from '../harness/reading-mail.js';
import { openReadingRoom, type Reader, type ReadingRoom } from '../harness/reading-page.js';

const axe = (): string => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the reading pane', { skip: unlessInstalled('chromium') }, () => {
  let room: ReadingRoom;
  let reader: Reader;

  before(async () => {
    room = await openReadingRoom();
    await room.deliver(readingMail.map(({ text }) => text));
    reader = await room.enter();
  });
  after(() => room.close());

  /** Looks again and again; what is looked at is the browser's to evaluate, which the page's policy would forbid the page. */
  async function until(condition: string): Promise<void> {
    for (const began = Date.now(); Date.now() - began < 30_000; ) {
      if (await reader.page.evaluate(condition)) return;
      await reader.page.waitForTimeout(50);
    }
    assert.fail(`never: ${condition}`);
  }

  it('shows a conversation as cards, and marks it read when it was seen', async () => {
    const { page, read } = reader;
    await read('Temps de faisceau');
    assert.equal(await page.locator('.pane article').count(), 2);
    const card = page.locator('.pane article').last();
    await card.getByText('postes de nuit').waitFor();
    assert.match(await card.innerText(), /Anna Weber\s+anna\.weber@uni-x\.example/);
    assert.match(await card.innerText(), /to you, Hugo Lemarchand/);
    assert.match(await card.innerText(), /je vous garde les deux postes de nuit, mercredi 9/);
    // What only repeats is folded, with the line that introduces it.
    assert.equal(await card.getByText('Le 23 novembre, Hugo Lemarchand a écrit').isVisible(), false);
    await card.getByText('Quoted text').click();
    await card.getByText('Le 23 novembre, Hugo Lemarchand a écrit').waitFor();
    await page
      .locator('[role=gridcell].unread')
      .filter({ hasText: 'Temps de faisceau' })
      .waitFor({ state: 'detached' });
  });

  it('moves between cards and folds them from the keyboard', async () => {
    const { page } = reader;
    await page.locator('.pane article').last().focus();
    await page.keyboard.press('p');
    assert.match((await page.evaluate("document.activeElement.getAttribute('aria-label')")) as string, /Hugo/);
    await page.keyboard.press('h');
    await page.locator('.pane button.folded').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.pane button.folded').waitFor({ state: 'detached' });
  });

  it('tells all the headers on demand', async () => {
    const { page } = reader;
    const card = page.locator('.pane article').last();
    await card.locator('.recipients').click();
    assert.match(await card.locator('dl').innerText(), /Identifier\s+beam2@uni-x\.example/);
    await card.getByRole('heading', { name: 'The way it took' }).waitFor();
    await card.locator('.recipients').click();
  });

  it('shows its text as large as one likes', async () => {
    const { page } = reader;
    const size = () =>
      page.evaluate(
        "parseFloat(getComputedStyle([...document.querySelectorAll('.pane article .text')].at(-1)).fontSize)",
      ) as Promise<number>;
    const before = await size();
    await page.locator('.pane article').last().focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    assert.ok(Math.abs((await size()) / before - 1.3) < 0.02);
    await page.keyboard.press('-');
    await page.keyboard.press('-');
    assert.equal(await size(), before);
  });

  it('looks at files without leaving: image, text, message', async () => {
    const { page } = reader;
    await page.getByRole('button', { name: /cryostat\.png/ }).click();
    const dialog = page.locator('dialog:modal');
    await until("document.querySelector('dialog img')?.naturalWidth === 160");
    await page.keyboard.press('ArrowRight');
    await dialog.frameLocator('iframe').getByText('du gras').waitFor();
    // Its own files too, and the message in it.
    await dialog.getByRole('button', { name: /mesures anciennes\.txt/ }).click();
    const inner = page.locator('dialog dialog:modal');
    await inner.locator('pre').filter({ hasText: 'échantillon 12' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await inner.getByText('Au fond de tout.').waitFor();
    await page.keyboard.press('Escape');
    await inner.waitFor({ state: 'detached' });
    await dialog.frameLocator('iframe').getByText('du gras').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await dialog.locator('pre').filter({ hasText: 'angle;intensité' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.locator('.pane h1').count(), 1);
  });

  it('keeps one file, or all of them as one', async () => {
    const { page } = reader;
    const [one] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /mesures\.zip/ }).click(),
    ]);
    assert.equal(one.suggestedFilename(), 'mesures.zip');
    const [all] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save all' }).click(),
    ]);
    assert.match(all.suggestedFilename(), /^Files - .*semaine 50\.zip$/);
    const packed = readFileSync(await all.path());
    for (const name of [
      'creneaux-s50.pdf',
      'référence_0412.csv',
      'cryostat.png',
      'mesures.zip',
      'ancien message.eml',
    ]) {
      assert.ok(packed.includes(Buffer.from(name)), name);
    }
  });

  it('shows the source, and keeps the message', async () => {
    const { page } = reader;
    await page.locator('.pane article .card-menu').last().click();
    await page.getByRole('menuitem', { name: 'Show the source' }).click();
    const dialog = page.locator('dialog:modal');
    await dialog.locator('pre').filter({ hasText: 'Message-ID: <beam2@uni-x.example>' }).waitFor();
    const [kept] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('link', { name: 'Save (.eml)' }).click(),
    ]);
    assert.match(kept.suggestedFilename(), /\.eml$/);
    assert.match(readFileSync(await kept.path(), 'utf8'), /^Return-Path:/);
    await page.keyboard.press('Escape');
  });

  it('shows attached images at once, and holds those of the web and their trackers', async () => {
    const { page, read } = reader;
    await read('Chapitre 2');
    await until(
      "document.querySelector('article iframe')?.contentDocument?.querySelector('img')?.naturalWidth === 160",
    );
    await read('La lettre de novembre');
    await page.getByText('A remote image waits').waitFor();
    assert.match(await page.locator('.pane article').innerText(), /2 trackers removed/);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.locator('.pane').getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('A remote image waits').waitFor({ state: 'detached' });
    await page.waitForTimeout(300);
    assert.ok(asked.some((path) => path.startsWith('/media/')));
    assert.deepEqual(room.outside, []);
  });

  it('says where a link leads, and asks when that is not what it shows', async () => {
    const { page, read } = reader;
    await read('mot de passe');
    await page.getByText('The name shows direction@labo.example').waitFor();
    const link = page.frameLocator('article iframe').getByRole('link');
    await link.hover();
    assert.match(await page.locator('.pane .bar[role=status]').innerText(), /xn--80ak6aa92e\.out\.example/);
    await link.click();
    const dialog = page.locator('dialog:modal');
    assert.match(await dialog.innerText(), /shows another address/);
    await dialog.getByRole('button', { name: 'Stay here' }).click();
    assert.deepEqual(room.outside, []);
    assert.equal(await page.frameLocator('article iframe').locator('input, form, button').count(), 0);
  });

  it('tells an invitation: what, when, where, who; as text', async () => {
    const { page, read } = reader;
    await read('Invitation');
    const card = page.getByRole('region', { name: 'Invitation' });
    const text = await card.innerText();
    assert.match(text, /Séminaire : <b>ondes<\/b> de spin/);
    assert.match(text, /Friday,? 27 November 2026/);
    assert.match(text, /Salle Ampère, bâtiment 2/);
    assert.match(text, /Hugo Lemarchand \(comes\), you/);
    const [kept] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('link', { name: 'Save (.ics)' }).click(),
    ]);
    assert.match(readFileSync(await kept.path(), 'utf8'), /^BEGIN:VCALENDAR/);
    assert.equal(await page.getByRole('region', { name: 'Files' }).count(), 0);
  });

  it('warns of an address that imitates, and of answers that would go elsewhere', async () => {
    const { page, read } = reader;
    await read('Un service');
    const slot = page.getByRole('region', { name: 'Warnings' });
    await slot.getByText('This address imitates hugo.lemarchand@labo.example').waitFor();
    const text = await slot.innerText();
    assert.match(text, /hugo\.lemarchand@lab0\.example, not from hugo\.lemarchand@labo\.example/);
    assert.match(text, /It would go to hugo\.l@poste\.example/);
    // An address that imitates is not told as a first contact besides.
    assert.doesNotMatch(text, /First message/);
    await read('mot de passe');
    await slot.getByText('First message from', { exact: false }).waitFor();
    await read('Temps de faisceau');
    await page.locator('.pane article').last().getByText('Anna Weber').first().waitFor();
    await slot.getByText('First message from Anna Weber').waitFor();
  });

  it('leaves a list: by the service, which asks only what it may, or by a message', async () => {
    const { page, read } = reader;
    await read('La lettre de novembre');
    const slot = page.getByRole('region', { name: 'Warnings' });
    await slot.getByRole('button', { name: 'Unsubscribe' }).click();
    const dialog = page.locator('dialog:modal');
    assert.match(await dialog.innerText(), /lettre\.out\.example[\s\S]*Nothing proves/);
    await dialog.getByRole('button', { name: 'Unsubscribe' }).click();
    // Names of the outside are no names for the service.
    await dialog.getByText('The list did not answer').waitFor();
    await page.keyboard.press('Escape');
    await read('Offres de thèse');
    await slot.getByRole('button', { name: 'Unsubscribe' }).click();
    assert.match(await dialog.innerText(), /A message to hugo\.lemarchand@labo\.example[\s\S]*unsubscribe offres/);
    await dialog.getByRole('button', { name: 'Unsubscribe' }).click();
    await slot.getByText('You have left this list').waitFor();
    assert.deepEqual(room.outside, []);
  });

  it('follows the direction of what is written', async () => {
    const { page, read } = reader;
    await read('סמינר');
    await page.frameLocator('article iframe').locator('p').first().waitFor();
    const direction =
      "getComputedStyle(document.querySelector('article iframe').contentDocument.querySelector('p')).direction";
    assert.equal(await page.evaluate(direction), 'rtl');
  });

  it('reports a scam, which goes to the spam, and takes that back', async () => {
    const { page, read } = reader;
    await read('Un service');
    await page
      .getByRole('toolbar', { name: 'Actions on the message' })
      .getByRole('button', { name: 'More actions' })
      .click();
    await page.getByRole('menuitem', { name: 'Report a scam' }).click();
    const row = page.locator('[role=grid] [role=row]').filter({ hasText: 'Un service' });
    await row.waitFor({ state: 'detached' });
    await page.getByText('Reported as a scam: 1 message moved to spam').waitFor();
    await page.keyboard.press('z');
    await row.first().waitFor();
    await page.getByText('Undone').first().waitFor();
  });

  it('prints a message with its headers, and nothing of the page', async () => {
    const { page, read } = reader;
    await read('Chapitre 2');
    // The printed frame is gone once the dialogue is closed, which headless browsers do at once: it is kept to be looked at.
    await page.evaluate(`
      const remove = Element.prototype.remove;
      Element.prototype.remove = function () { if (this.localName === 'iframe' && this.sandbox.contains('allow-modals')) window.printed = this.contentDocument.body.innerHTML; remove.call(this); };`);
    await page.locator('.pane article .card-menu').last().click();
    await page.getByRole('menuitem', { name: 'Print this message' }).click();
    await until('window.printed !== undefined');
    const printed = (await page.evaluate('window.printed')) as string;
    assert.match(printed, /<dt>From<\/dt><dd>Inès Delorme &lt;ines\.delorme@labo\.example&gt;<\/dd>/);
    assert.match(printed, /<h1>Chapitre 2, version à relire<\/h1>/);
  });

  it('has nothing that axe finds fault with, light and dark, narrow and wide', async () => {
    for (const options of [
      { colorScheme: 'light' as const, locale: 'fr-FR' },
      { colorScheme: 'dark' as const },
      { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true },
    ]) {
      const other = await room.enter(options);
      for (const subject of ['Temps de faisceau', 'La lettre de novembre']) {
        await other.read(subject);
        await other.page.evaluate(axe());
        const found = (await other.page.evaluate("axe.run('.pane', { iframes: false })")) as {
          readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
        };
        assert.deepEqual(
          found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
          [],
        );
        if (options.isMobile) {
          assert.ok(await other.page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
          await other.page.goBack();
        }
      }
      await other.close();
    }
  });

  it('broke no rule of the policy, and no script failed', () => {
    // The image that nobody serves; a list that does not answer.
    const expected = /status of 422/;
    assert.deepEqual(
      reader.complaints.filter((complaint) => !expected.test(complaint)),
      [],
    );
  });
});
