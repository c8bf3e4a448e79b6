/** Where messages can be moved, and what they can be labelled: for the menus, the sheets and the palette alike. */

import { t } from '../../i18n/text.svelte.js';
import { folderTree, sideBarRoles } from '../../model/folder-tree.js';
import { keywordOf } from '../../model/labels.js';
import { mailboxOf } from '../../model/view.js';
import { acts } from '../../state/acts.svelte.js';
import { labels } from '../../state/labels.svelte.js';
import { mail } from '../../state/mail.svelte.js';
import { preferences } from '../../state/preferences.svelte.js';
import { route } from '../../state/route.svelte.js';
import { boxName, boxPath } from '../../state/view-name.js';

export interface Target {
  readonly id: string;
  readonly words: string;
  readonly checked?: boolean;
  readonly run: () => void;
}

/** Every mailbox a message may go to but the one it is in. */
export function moveTargets(): readonly Target[] {
  const boxes = mail.store.mailboxes.all();
  const here = mailboxOf(route.place.view, boxes)?.id;
  const ofRole = sideBarRoles
    .filter((role) => role !== 'drafts' && role !== 'sent')
    .map((role) => boxes.find((box) => box.role === role))
    .filter((box) => box !== undefined);
  const own = folderTree(boxes, () => false, preferences.language).map((node) => node.box);
  return [...own, ...ofRole]
    .filter((box) => box.id !== here && box.myRights.mayAddItems)
    .map((box) => ({ id: box.id, words: boxPath(box), run: () => acts.moveTo(box.id, boxName(box)) }));
}

export function labelTargets(): readonly Target[] {
  return labels.all.map((label) => {
    const on = acts.hasLabel(label.keyword);
    return { id: label.keyword, words: label.name, checked: on, run: () => acts.label(label.keyword, label.name, !on) };
  });
}

/** A label that does not exist yet, offered under its name; undefined when no keyword can be made of it. */
export function newLabelTarget(name: string): Target | undefined {
  if (keywordOf(name) === '') return undefined;
  return {
    id: '+',
    words: `${t.text.createLabel}\u00a0: ${name}`,
    run: () => {
      const label = labels.create(name);
      if (label !== undefined) acts.label(label.keyword, label.name, true);
    },
  };
}
