import { parseArgs } from 'node:util';
import type { Config } from '../config/config.js';
import { MailError } from '../kernel/errors.js';
import type { RelayOutlook } from '../outbox/relay-outlook.js';
import type { Command, Invocation, Values, Workplace } from './command.js';
import { commands } from './commands.js';
import { exitCodeOf, exitCodes, UsageError } from './exit-codes.js';
import { commonOptions, helpFor, helpForAll, settingsHint } from './help-text.js';
import type { StoreKeeper } from './store-keeper.js';
import type { Terminal } from './terminal.js';

/**
 * The administrator's command line: finds the command, reads its options, runs it, and turns whatever it throws into one
 * sentence on standard error and an exit code. Never ends the process itself.
 */
export interface CommandLine {
  /** Without the settings, which `takeFlags` took out. */
  readonly args: readonly string[];
  readonly config: Config;
  readonly terminal: Terminal;
  /** `holder` is the command as it shall appear to others that wait for the data folder. */
  open(holder: string): Promise<Workplace>;
  readonly keeper: StoreKeeper;
  readonly outlook: () => Promise<RelayOutlook>;
  readonly signal: AbortSignal;
}

/** The commands of this command line, for the general help; `others` are those that `main` runs itself. */
export const listCommands = (others: readonly (readonly [string, string])[]): string => helpForAll(commands, others);

/** True if the words begin a command of ours (`user`, `mail`, `check`, ...), complete or not. */
export function knowsCommand(args: readonly string[]): boolean {
  return commands.some((one) => one.name.split(' ')[0] === args[0]);
}

export async function runCommandLine(line: CommandLine): Promise<number> {
  const { terminal } = line;
  const found = find(line.args);
  if (found === undefined) return incomplete(line);
  const { command, rest } = found;
  let workplace: Workplace | undefined;
  try {
    const { values, positionals } = parse(command, rest);
    if (values['help'] !== undefined) {
      terminal.out(`${helpFor(command)}\n${settingsHint}`);
      return exitCodes.ok;
    }
    checkPositionals(command, positionals);
    const invocation: Invocation = {
      values,
      positionals,
      json: values['json'] !== undefined,
      config: line.config,
      terminal,
      keeper: line.keeper,
      outlook: line.outlook,
      signal: line.signal,
      async open() {
        workplace ??= await line.open(command.name);
        return workplace;
      },
    };
    return await command.run(invocation);
  } catch (error) {
    return report(error, command, line);
  } finally {
    await workplace?.close();
  }
}

function report(error: unknown, command: Command, { terminal, signal }: CommandLine): number {
  if (error instanceof UsageError) {
    terminal.err(`vaguemestre: ${error.message}\nTry "vaguemestre ${command.name} --help".\n`);
    return exitCodes.usage;
  }
  if (error instanceof MailError) {
    terminal.err(`vaguemestre: ${error.public}\n`);
    return exitCodeOf(error);
  }
  if (signal.aborted) {
    terminal.err('vaguemestre: interrupted\n');
    return exitCodes.interrupted;
  }
  terminal.err(`vaguemestre: a fault of the program: ${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.internal;
}

function find(args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  const words = args.findIndex((arg) => arg.startsWith('-'));
  const leading = words < 0 ? args : args.slice(0, words);
  for (const length of [2, 1]) {
    const name = leading.slice(0, length).join(' ');
    const command = leading.length < length ? undefined : commands.find((one) => one.name === name);
    if (command !== undefined) return { command, rest: args.slice(length) };
  }
  return undefined;
}

/** `vaguemestre user`, or a second word that nobody knows: shows what there is. */
function incomplete({ args, terminal }: CommandLine): number {
  const group = commands.filter((one) => one.name.startsWith(`${args[0]} `));
  const text = `usage: vaguemestre COMMAND [options]\n\n${helpForAll(group.length > 0 ? group : commands, [])}\n${settingsHint}`;
  if (args.includes('--help')) {
    terminal.out(text);
    return exitCodes.ok;
  }
  const words = args.filter((arg) => !arg.startsWith('-')).slice(0, 2);
  terminal.err(
    `vaguemestre: ${words.length < 2 && group.length > 0 ? 'incomplete' : 'unknown'} command "${words.join(' ')}"\n\n${text}`,
  );
  return exitCodes.usage;
}

function parse(
  command: Command,
  args: readonly string[],
): { values: Values<Command['options']>; positionals: string[] } {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = {};
  for (const [name, option] of Object.entries({ ...commonOptions, ...command.options })) {
    options[name] = { type: option.type, ...('multiple' in option && { multiple: true }) };
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: values as Values<Command['options']>, positionals };
  } catch (error) {
    const text = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new UsageError(text.slice(0, 1).toLowerCase() + text.slice(1));
  }
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const required = command.takes.filter((name) => !name.startsWith('['));
  const missing = required[positionals.length];
  if (missing !== undefined) throw new UsageError(`${command.name} needs ${missing}`);
  const many = command.takes.at(-1)?.includes('...') === true;
  const extra = positionals[command.takes.length];
  if (!many && extra !== undefined) throw new UsageError(`"${extra}" is one argument too many for ${command.name}`);
}
