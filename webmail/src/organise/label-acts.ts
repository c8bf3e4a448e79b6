/** What the reader does to labels where it concerns the messages that carry them: another keyword, or none. */
import { t } from '../i18n/text.svelte.js';
import type { EmailChange } from '../jmap/store/email-row.js';
import { keywordOf, type Label } from '../model/labels.js';
import { changeWhere, takeBack } from '../state/bulk.svelte.js';
import { labels } from '../state/labels.svelte.js';
import { mail } from '../state/mail.svelte.js';
import { route } from '../state/route.svelte.js';
import { toasts } from '../state/toasts.svelte.js';
import { o } from './words/text.svelte.js';

/** How many messages carry it, wherever they lie. */
export async function carriersOf(keyword: string): Promise<number> {
  const filter = { hasKeyword: keyword };
  const asked = mail.store.client.call('Email/query', { filter, limit: 1, calculateTotal: true });
  return (await asked.result).total ?? 0;
}

/** Name and colour; with `keywordToo` mail programs see the new name as well. */
export async function changeLabel(
  label: Label,
  next: { readonly name: string; readonly hue: number },
  keywordToo: boolean,
): Promise<void> {
  const keyword = keywordOf(next.name);
  if (!keywordToo || keyword === label.keyword) {
    labels.change(label.keyword, next);
    return;
  }
  const rewrite = (from: string, to: string): Promise<ReadonlyMap<string, EmailChange>> =>
    changeWhere({ hasKeyword: from }, () => ({ keywords: { [from]: false, [to]: true } }));
  try {
    const inverse = await rewrite(label.keyword, keyword);
    const order = labels.all.findIndex((one) => one.keyword === label.keyword);
    labels.change(keyword, { ...next, hidden: label.hidden ?? false });
    labels.forget(label.keyword);
    for (let at = labels.all.length - 1; at > order; at--) labels.move(keyword, -1);
    follow(label.keyword, keyword);
    await mail.store.sync();
    toasts.say(o.text.labelRenamed(next.name), {
      icon: 'label',
      undo: () => {
        labels.change(label.keyword, label);
        labels.forget(keyword);
        follow(keyword, label.keyword);
        void takeBack(inverse);
      },
    });
  } catch {
    toasts.say(t.text.toasts.failed, { tone: 'trouble' });
  }
}

/** The view of a label that has another keyword now. */
function follow(from: string, to: string): void {
  const { view } = route.place;
  if (view.kind === 'label' && view.keyword === from)
    route.go({ view: { kind: 'label', keyword: to } }, { replace: true });
}

/** The messages stay. */
export async function removeLabel(label: Label): Promise<void> {
  const { view } = route.place;
  if (view.kind === 'label' && view.keyword === label.keyword) route.home();
  labels.forget(label.keyword);
  try {
    const inverse = await changeWhere({ hasKeyword: label.keyword }, () => ({ keywords: { [label.keyword]: false } }));
    await mail.store.sync();
    // What was seen meanwhile may have brought it back.
    labels.forget(label.keyword);
    toasts.say(o.text.labelRemoved(label.name), {
      icon: 'label',
      undo: () => {
        labels.change(label.keyword, label);
        void takeBack(inverse);
      },
    });
  } catch {
    labels.change(label.keyword, label);
    toasts.say(t.text.toasts.failed, { tone: 'trouble' });
  }
}
