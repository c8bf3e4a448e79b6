/** The plain twin of a rich message. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReadNode, textOfHtml } from '@vaguemestre/webmail/compose/text-of-html';

type Tree = string | TestElement;
interface TestElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Tree[];
}

function node(tree: Tree): ReadNode {
  if (typeof tree === 'string') return { nodeType: 3, nodeName: '#text', textContent: tree, childNodes: [] };
  return {
    nodeType: 1,
    nodeName: tree.name,
    textContent: null,
    childNodes: tree.children.map(node),
    getAttribute: (name) => tree.attributes[name] ?? null,
  };
}
const a = (href: string, ...children: Tree[]): Tree => ({ name: 'a', attributes: { href }, children });
const e = (name: string, ...children: Tree[]): Tree => ({ name, attributes: {}, children });
const text = (...children: Tree[]) => textOfHtml(node(e('div', ...children)));

describe('the plain twin of a rich message', () => {
  it('has a line a block, and none for the spaces of the source', () => {
    assert.equal(
      text(e('div', ' Bonjour \n  Anna, '), e('div', e('br')), e('div', 'à ', e('b', 'jeudi'), '.')),
      'Bonjour Anna,\n\nà jeudi.\n',
    );
  });
  it('leaves an empty line about paragraphs, one at most', () => {
    assert.equal(text(e('p', 'a'), e('p', 'b'), e('h2', 'c')), 'a\n\nb\n\nc\n');
  });
  it('marks quotes by level', () => {
    const quoted = e('blockquote', e('div', 'one'), e('blockquote', e('div', 'two')));
    assert.equal(text(e('div', 'mine'), quoted, e('div', 'after')), 'mine\n\n> one\n>\n>> two\n\nafter\n');
  });
  it('numbers and marks lists', () => {
    assert.equal(
      text(e('ul', e('li', 'a'), e('li', 'b')), e('ol', e('li', 'x'), e('li', 'y'))),
      '- a\n- b\n\n1. x\n2. y\n',
    );
  });
  it('shows where links go, unless they say it', () => {
    assert.equal(text(a('https://x.example/', 'here')), 'here <https://x.example/>\n');
    assert.equal(text(a('https://x.example/', 'https://x.example/')), 'https://x.example/\n');
    assert.equal(text(a('mailto:a@x.example', 'a@x.example')), 'a@x.example\n');
    assert.equal(text(a('javascript:x', 'no')), 'no\n');
  });
  it('keeps the lines of preformatted text', () => {
    assert.equal(text(e('pre', 'a\n  b\n')), 'a\n  b\n');
  });
  it('says what an image says, and nothing of styles', () => {
    assert.equal(text({ name: 'img', attributes: { alt: 'plan' }, children: [] }, e('style', 'p{}')), 'plan\n');
    assert.equal(text(), '');
  });
  it('does not go as deep as a message can', () => {
    let deep: ReadNode = node('x');
    for (let i = 0; i < 100_000; i++) {
      const child = deep;
      deep = { nodeType: 1, nodeName: 'DIV', textContent: null, childNodes: [child] };
    }
    assert.equal(textOfHtml(deep), '');
  });
});
