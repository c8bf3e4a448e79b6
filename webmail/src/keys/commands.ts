/**
 * The one list of what can be done. Buttons, menus, the palette, keys, swipes and the help sheet are views of it: a command
 * has one name, one key and one rule for when it can run, whoever asks. Each part of the page registers its own commands
 * while it is there.
 */
import { createSignal } from '../jmap/store/signal.js';

export interface Command {
  /** `mail.archive`; also what an icon and a test know it by. */
  readonly id: string;
  /** In the reader's language. */
  readonly words: () => string;
  /** Other names it is found by, in both languages: the palette looks here too. */
  readonly names?: readonly string[];
  /** `e`, `Shift+c`, `Ctrl+k`, `g i`; the first is the one that is shown. See shortcuts.ts. */
  readonly keys?: readonly string[];
  readonly group: CommandGroup;
  /** Whether it can run now. Watched, when it reads what is watched. */
  readonly enabled?: () => boolean;
  readonly run: () => void;
  /** Takes something away: last in a menu, in red. */
  readonly danger?: boolean;
  /** Also runs while the reader types in a field. */
  readonly inFields?: boolean;
  /** Can be run but is not told: movements, that nobody looks for in a palette. */
  readonly unlisted?: boolean;
}

export const commandGroups = ['message', 'write', 'select', 'move', 'go', 'page'] as const;
export type CommandGroup = (typeof commandGroups)[number];

const registered = new Map<string, Command[]>();
const changed = createSignal();

/** Returns the way to take them away again. Of two commands with one id the later registered is the one. */
export function registerCommands(commands: readonly Command[]): () => void {
  for (const command of commands) {
    const stack = registered.get(command.id) ?? [];
    stack.push(command);
    registered.set(command.id, stack);
  }
  changed.bump();
  return () => {
    for (const command of commands) {
      const left = (registered.get(command.id) ?? []).filter((one) => one !== command);
      if (left.length > 0) registered.set(command.id, left);
      else registered.delete(command.id);
    }
    changed.bump();
  };
}

/** Watched. */
export function allCommands(): readonly Command[] {
  changed.track();
  return [...registered.values()].map((stack) => stack.at(-1)).filter((command) => command !== undefined);
}

/** Watched: undefined while the part that has it is not there. */
export function commandOf(id: string): Command | undefined {
  changed.track();
  return registered.get(id)?.at(-1);
}

export function canRun(command: Command | undefined): command is Command {
  return command !== undefined && (command.enabled?.() ?? true);
}

/** Does nothing when it cannot be done now. Says whether it was. */
export function runCommand(id: string): boolean {
  const command = commandOf(id);
  if (!canRun(command)) return false;
  command.run();
  return true;
}
