/**
 * Keys to commands. A key is named by what it writes (`#`, `?`, `e`), so it is the same on every keyboard layout; letters
 * that need no modifier can be switched off as a whole (WCAG 2.2, 2.1.4). Two keys one after the other (`g i`) are one
 * shortcut; the second is waited for one second and a half.
 */
import { allCommands, type Command, canRun } from './commands.js';

export interface Stroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** `Ctrl+k`, `Shift+c`, `#`. Shift is named for letters and for keys that write nothing: what `#` needs is the layout's. */
export function nameOf(stroke: Stroke): string {
  const letter = stroke.key.length === 1;
  const key = letter ? stroke.key.toLowerCase() : stroke.key;
  const isLetter = letter && stroke.key.toLowerCase() !== stroke.key.toUpperCase();
  // The AltGr key is told as both; what it writes is the key: `#` on a French keyboard.
  const altGraph = letter && stroke.ctrlKey && stroke.altKey;
  let name = '';
  // Command on a Macintosh is Control elsewhere.
  if ((stroke.ctrlKey && !altGraph) || stroke.metaKey) name += 'Ctrl+';
  if (stroke.altKey && !altGraph) name += 'Alt+';
  if (stroke.shiftKey && (isLetter || !letter)) name += 'Shift+';
  return name + (key === ' ' ? 'Space' : key);
}

const secondKeyMs = 1500;

export interface Shortcuts {
  /** true when the stroke belongs to a command (or begins one) and shall do nothing else. */
  press(stroke: Stroke, inField: boolean): boolean;
}

export interface ShortcutOptions {
  readonly singleKeys: () => boolean;
  readonly now?: () => number;
}

export function createShortcuts(options: ShortcutOptions): Shortcuts {
  const now = options.now ?? Date.now;
  let first: { readonly name: string; readonly at: number } | undefined;

  function find(keys: string): Command | undefined {
    return allCommands().find((command) => command.keys?.includes(keys) === true && canRun(command));
  }

  return {
    press(stroke, inField) {
      const name = nameOf(stroke);
      if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process'].includes(stroke.key)) return false;
      const plain = !name.startsWith('Ctrl+') && !name.startsWith('Alt+');
      if (plain && stroke.key.length === 1 && !options.singleKeys()) return false;
      const begun = first !== undefined && now() - first.at < secondKeyMs ? first.name : undefined;
      first = undefined;
      const command = (begun === undefined ? undefined : find(`${begun} ${name}`)) ?? find(name);
      if (command !== undefined) {
        if (inField && command.inFields !== true) return false;
        command.run();
        return true;
      }
      if (inField) return false;
      if (allCommands().some((one) => one.keys?.some((keys) => keys.startsWith(`${name} `)) === true)) {
        first = { name, at: now() };
        return true;
      }
      return false;
    },
  };
}

/** Whether what is typed goes into what has the focus. */
export function isField(element: EventTarget | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable) return true;
  if (element instanceof HTMLInputElement) return !/^(?:checkbox|radio|button|submit|reset|range)$/.test(element.type);
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}
