/** What ordinary mail keeps: layout, colours, widths, links, quotes. And how long cleaning takes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type HostilePage, type HostileServer, startHostileServer } from '../harness/hostile-page.js';
import { unlessInstalled } from '../harness/programs.js';

const script = `
import { cleanHtml } from '@/html/clean-html';
import { cleaningRealm } from '@/html/cleaning-realm';
import { foldTrailingQuote } from '@/html/fold-quotes';
import { darken } from '@/html/darken';
import { quoteHtml } from '@/html/quote-message';
window.clean = async (html) => {
  const message = cleanHtml(await cleaningRealm(), html);
  const { css, remote, attached, trackers, colours, cut, language, body } = message;
  return { body: body.outerHTML, css, remote: remote.map(({ source }) => source.url.href), attached: attached.map(({ source }) => source.contentId), trackers, colours, cut, language };
};
window.fold = async (html) => {
  const message = cleanHtml(await cleaningRealm(), html);
  const folded = foldTrailingQuote(message.body, 'quoted');
  return { folded, inside: message.body.querySelector('details.vm-quote')?.textContent ?? '', all: message.body.textContent };
};
window.quote = async (html) => {
  const { body, attached } = await quoteHtml(html, 600);
  return { body: body.innerHTML, attached: [...attached] };
};
window.time = async (html) => {
  const realm = await cleaningRealm();
  const began = performance.now();
  const { cut, body } = cleanHtml(realm, html);
  return { ms: performance.now() - began, cut, elements: body.querySelectorAll('*').length };
};
`;

interface Cleaned {
  readonly body: string;
  readonly css: string;
  readonly remote: readonly string[];
  readonly attached: readonly string[];
  readonly trackers: readonly string[];
  readonly colours: string;
  readonly cut: boolean;
  readonly language?: string;
}

describe('ordinary mail', { skip: unlessInstalled('chromium') }, () => {
  let server: HostileServer;
  let opened: HostilePage;

  before(async () => {
    server = await startHostileServer([], script);
    opened = await server.open('strict');
  });
  after(() => server.close());

  const call = <T>(name: string, html: string): Promise<T> =>
    opened.page.evaluate(`${name}(${JSON.stringify(html)})`) as Promise<T>;
  const clean = (html: string) => call<Cleaned>('clean', html);

  it('keeps the attributes that lay it out', async () => {
    const { body } = await clean(
      '<body bgcolor="#eef1f4" dir="ltr" lang="fr"><table width="600" cellpadding="4" align="center"><tr><td colspan="2" valign="top" nowrap><font color="red" face="Georgia" size="4">a</font></td></tr></table><ol start="3" type="a"><li value="7">b</li></ol></body>',
    );
    for (const kept of [
      'bgcolor="#eef1f4"',
      'dir="ltr"',
      'width="600"',
      'cellpadding="4"',
      'align="center"',
      'colspan="2"',
      'valign="top"',
      'nowrap',
      'color="red"',
      'face="Georgia"',
      'start="3"',
      'type="a"',
      'value="7"',
    ]) {
      assert.ok(body.includes(kept), `${kept} in ${body}`);
    }
  });

  it('keeps its styles, under other names, and the width of the pane as the only question', async () => {
    const { body, css } = await clean(
      '<style>body{margin:0} .box{padding:24px;background:#fff;position:fixed;content:"x"} #top>h1{color:#0b3d91} @media only screen and (max-width:600px){.box{padding:12px!important}} @media print{.box{color:red}} a:hover{color:red}</style><div class="box" id="top" style="margin:0 auto;max-width:620px;position:absolute;background:url(x.png)"><h1>a</h1></div>',
    );
    assert.match(css, /\.vm-body \{ margin-top: 0px;/);
    assert.match(css, /\.m-box \{ .*padding-top: 24px;/);
    assert.match(css, /#m-top > h1 \{ color: rgb\(11, 61, 145\); \}/);
    assert.match(css, /@media .*\(max-width: 600px\) \{\n\.m-box \{ .*padding-top: 12px !important;/);
    assert.doesNotMatch(css, /[ {]position:|content|print|hover|url/);
    assert.match(body, /class="m-box"/);
    assert.match(body, /id="m-top"/);
    assert.match(body, /max-width: 620px/);
    assert.doesNotMatch(body, /absolute|url/);
  });

  it('sorts its images: those of the message, those on the web, those that only tell', async () => {
    const { remote, attached, trackers, body } = await clean(
      '<img src="cid:a%40b"><img src="http://a.out.example/i.png" width="100" height="40" alt="logo"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><img src="https://b.out.example/o.gif" width=1 height=1><div style="display:none"><img src="https://c.out.example/x.png"></div><img src="https://d.out.example/line.png" width="600" height="1"><img src="relative.png">',
    );
    assert.deepEqual(attached, ['a@b']);
    assert.deepEqual(remote, ['http://a.out.example/i.png', 'https://d.out.example/line.png']);
    assert.deepEqual(trackers, ['b.out.example', 'c.out.example']);
    assert.match(body, /class="vm-held"/);
    assert.doesNotMatch(body, /out\.example|relative/);
  });

  it('keeps its links, each in a window of its own', async () => {
    const { body } = await clean(
      '<a href="https://a.example/b?c=d&e#f">a</a><a href="#part">b</a><a name="part">c</a><a href="/local">d</a><a href="mailto:x@a.example">e</a>',
    );
    assert.match(
      body,
      /href="https:\/\/a\.example\/b\?c=d&amp;e#f" target="_blank" rel="noopener noreferrer nofollow"/,
    );
    assert.match(body, /href="#m-part"/);
    assert.match(body, /href="mailto:x@a\.example"/);
    assert.doesNotMatch(body, /local/);
  });

  it('says how it uses colour', async () => {
    assert.equal((await clean('<p>a</p>')).colours, 'none');
    assert.equal((await clean('<p style="color:#222">a</p>')).colours, 'ink');
    assert.equal((await clean('<body bgcolor="white"><p style="background:#fff;color:black">a</p>')).colours, 'ink');
    assert.equal((await clean('<td bgcolor="#eee">a</td><table><tr><td bgcolor="#eee">b')).colours, 'painted');
    assert.equal((await clean('<style>p{background:#0b3d91}</style><p>a</p>')).colours, 'painted');
  });

  it('folds what it only repeats, however the other program marks it', async () => {
    interface Folded {
      readonly folded: boolean;
      readonly inside: string;
      readonly all: string;
    }
    const quote = 'OLD TEXT';
    for (const html of [
      `<p>New.</p><blockquote type="cite"><p>${quote}</p></blockquote>`,
      `<div>New.</div><br><div class="gmail_quote"><div>On Monday:</div><blockquote>${quote}</blockquote></div>`,
      `<div>New.</div><div id="divRplyFwdMsg"><b>From:</b> Anna</div><div>${quote}</div>`,
      `<p>New.</p><div class="moz-cite-prefix">Anna wrote:</div><blockquote type="cite">${quote}</blockquote><br>`,
    ]) {
      const { folded, inside } = await call<Folded>('fold', html);
      assert.ok(folded && inside.includes(quote) && !inside.includes('New.'), html);
    }
    for (const html of [
      `<blockquote type="cite">${quote}</blockquote><p>New below.</p>`,
      `<blockquote type="cite">${quote}</blockquote>`,
      `<p>One.</p><blockquote>${quote}</blockquote><p>Two.</p>`,
    ]) {
      assert.equal((await call<Folded>('fold', html)).folded, false, html);
    }
  });

  it('is quoted with what it looked like and nothing that could change it', async () => {
    const { body, attached } = await call<{ body: string; attached: string[] }>(
      'quote',
      '<style>.r{color:red}.b{font-weight:700}</style><p class="r" id="x">red <span class="b">bold</span> <b>b</b></p><img src="cid:f@a"><img src="http://a.out.example/i.png" width="9" height="9"><a href="https://a.example/" onclick="X()">a</a>',
    );
    assert.match(
      body,
      /<p style="color: rgb\(255, 0, 0\);">red <span style="font-weight: 700;">bold<\/span> <b>b<\/b><\/p>/,
    );
    assert.match(body, /<img src="cid:f%40a">/);
    assert.deepEqual(attached, ['f@a']);
    assert.doesNotMatch(body, /out\.example|class|id=|onclick|vm-held|data:/);
  });

  it('takes no longer than one waits, however it is written', async (t) => {
    const row =
      '<tr><td style="padding:4px 8px;font-family:Arial;color:#333" class="c"><a href="https://a.example/x?y=z">Name</a></td></tr>';
    for (const [name, html] of [
      ['a newsletter of 120 KB', `<table>${row.repeat(950)}</table>`],
      ['a flood of tags', '<b>'.repeat(2_000_000)],
      ['tags that are closed by others', '<b><i><u></x>'.repeat(500_000)],
      ['tags that are closed across paragraphs', '<b><p></b>'.repeat(100_000)],
      ['tags in tables', '<table><b>'.repeat(100_000)],
      ['a depth of tags', '<div>'.repeat(100_000)],
      ['five megabytes of text', 'word '.repeat(1_000_000)],
      ['a thousand quotes', '<blockquote>a</blockquote>'.repeat(5_000)],
      ['rules', `<style>${'.a{color:red}'.repeat(100_000)}</style>`],
    ] as const) {
      const { ms, cut, elements } = await call<{ ms: number; cut: boolean; elements: number }>('time', html);
      t.diagnostic(`${name}: ${ms.toFixed(0)} ms, ${elements} elements${cut ? ', cut' : ''}`);
      assert.ok(ms < 5_000, name);
    }
  });
});
