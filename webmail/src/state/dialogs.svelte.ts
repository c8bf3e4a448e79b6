/**
 * Which sheet lies over the page; one at a time. From the moment it is asked for the keys are its own, and from the moment it is
 * closed they are the page's again: nothing that is typed between is lost.
 */
import { flushSync } from 'svelte';
import { type Holding, holdKeys } from '../keys/held-keys.js';

export type DialogName =
  | 'move'
  | 'rowMenu'
  | 'label'
  | 'destroy'
  | 'emptyTrash'
  | 'palette'
  | 'shortcuts'
  | 'searchHelp'
  | 'emptyJunk'
  | 'newFolder'
  | 'renameFolder'
  | 'moveFolder'
  | 'removeFolder'
  | 'newLabel'
  | 'editLabel'
  | 'removeLabel'
  | 'settings';

let open = $state<DialogName>();
let about = $state<string>();
let keys: Holding | undefined;
/** The code of a sheet may come slowly; when it does not come the sheet is closed, and the keys are the page's again. */
const longestHoldMs = 60_000;

export const dialogs = {
  get open(): DialogName | undefined {
    return open;
  },
  /** What it is about, for those that are about something: a parent folder's id. */
  get about(): string | undefined {
    return about;
  },
  ask(name: DialogName, subject?: string): void {
    open = name;
    about = subject;
    keys = holdKeys(longestHoldMs);
  },
  close(): void {
    if (open === undefined) return;
    open = undefined;
    about = undefined;
    keys?.end();
    // It is gone when this returns: what is behind it can take the focus at once.
    flushSync();
  },
};
