/** RFC 8621 4.1.4 and 4.2: which parts are text, HTML and attachments, and how much of a text is given. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { appendOctets, inboxOf } from '../../harness/store-messages.js';

/** A name for what is found again, its type, and what else its header says; or a multipart. */
type Tree =
  | readonly [name: string, type: string, ...fields: readonly string[]]
  | { readonly [subtype: string]: readonly Tree[] };

let boundaries = 0;

function partOf(tree: Tree): string {
  if (Array.isArray(tree)) {
    const [name, type, ...fields] = tree as readonly string[];
    return [`Content-Type: ${type}`, `Content-Description: ${name}`, ...fields, '', `${name}\r\n`].join('\r\n');
  }
  const [[subtype, parts]] = Object.entries(tree as Record<string, readonly Tree[]>) as [[string, readonly Tree[]]];
  const boundary = `b${++boundaries}`;
  const inner = parts.map((part) => `--${boundary}\r\n${partOf(part)}\r\n`).join('');
  return `Content-Type: multipart/${subtype}; boundary=${boundary}\r\n\r\n${inner}--${boundary}--\r\n`;
}

const inline = 'Content-Disposition: inline';
const attached = 'Content-Disposition: attachment';
const named = 'Content-Disposition: inline; filename=f.txt';
const text = (name: string, ...fields: readonly string[]): Tree => [name, 'text/plain', ...fields];
const html = (name: string, ...fields: readonly string[]): Tree => [name, 'text/html', ...fields];
const jpeg = (name: string, ...fields: readonly string[]): Tree => [name, 'image/jpeg', ...fields];
const pdf = (name: string, ...fields: readonly string[]): Tree => [name, 'application/pdf', ...fields];

/** Tree, textBody, htmlBody, attachments, hasAttachment. */
const selections: readonly (readonly [Tree, string, string, string, boolean])[] = [
  // The example of RFC 8621 4.1.4.
  [
    {
      mixed: [
        text('A', inline),
        {
          mixed: [
            {
              alternative: [
                { mixed: [text('B', inline), jpeg('C', inline), text('D', inline)] },
                { related: [html('E'), jpeg('F')] },
              ],
            },
            jpeg('G', attached),
            ['H', 'application/x-excel'],
            ['J', 'message/rfc822'],
          ],
        },
        text('K', inline),
      ],
    },
    'ABCDK',
    'AEK',
    'CFGHJ',
    true,
  ],
  [text('A'), 'A', 'A', '', false],
  [html('A'), 'A', 'A', '', false],
  [jpeg('A'), 'A', 'A', '', false],
  [pdf('A'), '', '', 'A', true],
  [text('A', attached), '', '', 'A', true],
  [{ alternative: [text('A'), html('B')] }, 'A', 'B', '', false],
  [{ alternative: [text('A')] }, 'A', 'A', '', false],
  [{ alternative: [html('A')] }, 'A', 'A', '', false],
  [{ alternative: [text('A'), html('B'), ['C', 'text/calendar']] }, 'A', 'B', 'C', true],
  [{ alternative: [text('A'), { related: [html('B'), jpeg('C', 'Content-ID: <c>')] }] }, 'A', 'B', 'C', false],
  [{ related: [html('A'), jpeg('B', 'Content-ID: <b>')] }, 'A', 'A', 'B', false],
  [{ related: [html('A'), text('B')] }, 'A', 'A', 'B', true],
  [{ mixed: [text('A'), pdf('B')] }, 'A', 'A', 'B', true],
  [{ mixed: [text('A'), html('B')] }, 'AB', 'AB', '', false],
  [{ mixed: [text('A'), text('B', named)] }, 'A', 'A', 'B', false],
  [{ mixed: [text('A', named), text('B')] }, 'AB', 'AB', '', false],
  [{ mixed: [pdf('A'), text('B')] }, 'B', 'B', 'A', true],
  [{ mixed: [text('A'), jpeg('B', inline), text('C')] }, 'ABC', 'ABC', '', false],
  [{ mixed: [{ alternative: [text('A'), html('B')] }, jpeg('C', inline)] }, 'AC', 'BC', '', false],
  [
    {
      digest: [
        ['A', 'message/rfc822'],
        ['B', 'message/rfc822'],
      ],
    },
    '',
    '',
    'AB',
    true,
  ],
];

/** `1234☃`: the last character has three octets. */
const snowman = `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('1234☃').toString('base64')}\r\n`;

describe('the parts of an email', () => {
  let service: JmapService;
  let anne: JmapPerson;
  before(async () => {
    service = await startJmapService();
    anne = await service.person();
  });
  after(() => service.close());

  async function stored(octets: string): Promise<string> {
    await appendOctets(anne.account, inboxOf(anne.account), Buffer.from(octets));
    return (await anne.call('Email/query', { limit: 1 })).ids[0];
  }

  it('are text, HTML and attachments as the algorithm of RFC 8621 4.1.4 says', async () => {
    const property = 'header:Content-Description';
    for (const [tree, textBody, htmlBody, attachments, hasAttachment] of selections) {
      const id = await stored(`Subject: x\r\nMIME-Version: 1.0\r\n${partOf(tree)}`);
      const asked = {
        properties: ['textBody', 'htmlBody', 'attachments', 'hasAttachment'],
        bodyProperties: [property],
      };
      const [email]: Answer[] = (await anne.call('Email/get', { ids: [id], ...asked })).list;
      const names = (parts: Answer): string => parts.map((part: Answer) => part[property].trim()).join('');
      assert.deepEqual(
        [names(email.textBody), names(email.htmlBody), names(email.attachments), email.hasAttachment],
        [textBody, htmlBody, attachments, hasAttachment],
        JSON.stringify(tree),
      );
      const { parsed } = await anne.call('Email/parse', { blobIds: [`m${id}`], ...asked });
      assert.deepEqual({ id, ...parsed[`m${id}`] }, email, 'parsed');
      const filtered = await anne.call('Email/query', { filter: { hasAttachment } });
      assert.ok(filtered.ids.includes(id), 'and the filter agrees');
      const [listed]: Answer[] = (await anne.call('Email/get', { ids: [id], properties: ['hasAttachment'] })).list;
      assert.equal(listed.hasAttachment, hasAttachment, 'and the list');
    }
  });

  it('are cut between characters, never beyond what is asked for', async () => {
    const id = await stored(`Subject: x\r\nMIME-Version: 1.0\r\n${snowman}`);
    const value = async (maxBodyValueBytes: number): Promise<Answer> =>
      (
        await anne.call('Email/get', {
          ids: [id],
          properties: ['bodyValues'],
          fetchAllBodyValues: true,
          maxBodyValueBytes,
        })
      ).list[0].bodyValues['1'];
    const whole = { value: '1234☃', isTruncated: false, isEncodingProblem: false };
    for (const [max, expected] of [
      [0, whole],
      [1, { ...whole, value: '1', isTruncated: true }],
      [3, { ...whole, value: '123', isTruncated: true }],
      [4, { ...whole, value: '1234', isTruncated: true }],
      [5, { ...whole, value: '1234', isTruncated: true }],
      [6, { ...whole, value: '1234', isTruncated: true }],
      [7, whole],
      [500, whole],
    ] as const) {
      assert.deepEqual(await value(max), expected, String(max));
    }
    for (const wrong of [-5, 'cat', '1', {}, [], true, null, 1.5]) {
      const args = { ids: [id], properties: ['bodyValues'], maxBodyValueBytes: wrong };
      assert.equal(await anne.errorOf('Email/get', args), 'invalidArguments', JSON.stringify(wrong));
    }
  });

  it('say when a text could not be read as it claims to be', async () => {
    const table: readonly [string, string, boolean][] = [
      ['Content-Type: text/plain; charset=utf-8\r\n\r\ncaf\xe9', 'caf\ufffd', true],
      ['Content-Type: text/plain; charset=iso-8859-1\r\n\r\ncaf\xe9', 'café', false],
      [
        'Content-Type: text/plain; charset=euc-kr\r\nContent-Transfer-Encoding: base64\r\n\r\nxde9usau',
        '테스트',
        false,
      ],
      ['Content-Type: text/plain; charset=nonsense\r\n\r\ncaf\xe9', 'café', true],
      ['Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: nonsense\r\n\r\nabc', 'abc', true],
    ];
    for (const [part, expected, isEncodingProblem] of table) {
      const octets = Buffer.from(`Subject: x\r\nMIME-Version: 1.0\r\n${part}`, 'latin1');
      await appendOctets(anne.account, inboxOf(anne.account), octets);
      const { ids } = await anne.call('Email/query', { limit: 1 });
      const asked = { ids, properties: ['bodyValues'], fetchTextBodyValues: true };
      const [{ bodyValues }]: Answer[] = (await anne.call('Email/get', asked)).list;
      assert.deepEqual(bodyValues['1'], { value: expected, isEncodingProblem, isTruncated: false }, part);
    }
  });
});
