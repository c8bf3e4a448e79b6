/**
 * The composition root and the command `vaguemestre`. The launcher calls `main` with the arguments and the environment;
 * nothing happens at import. Exit codes follow sysexits.h: 0, 64 usage, 69 unavailable, 70 our fault, 75 in use, 78
 * configuration.
 */
import cluster from 'node:cluster';
import { ConfigError, exitConfig, loadConfig, suggestion } from './config/load-config.js';
import { settingKeys } from './config/settings.js';
import { takeFlags } from './config/take-flags.js';
import { MailError } from './kernel/errors.js';
import { exitSoftware, exitTemporary, exitUnavailable, exitUsage } from './main/exit-codes.js';
import { readVersion } from './main/version.js';

const ownCommands = [
  ['serve [--demo]', 'run the service in the foreground; --demo begins with a demonstration laboratory'],
  ['config --print', 'show the settings in effect'],
] as const;

async function generalHelp(): Promise<string> {
  const [{ listCommands }, { settingsHint }] = await Promise.all([
    import('./admin/command-line.js'),
    import('./admin/help-text.js'),
  ]);
  return `usage: vaguemestre COMMAND [options]\n\n${listCommands(ownCommands)}\n${settingsHint}`;
}

type Environment = Readonly<Record<string, string | undefined>>;

export async function main(args: readonly string[], environment: Environment): Promise<void> {
  outliveReaders();
  try {
    if (cluster.isWorker) await (await import('./main/worker.js')).runWorker();
    else await runCommand(args, environment);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** `vaguemestre user list | head`: who has read enough goes, and that is no failure of ours. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Each command loads its own modules: a worker starts without the command line, a listing without the servers. */
async function runCommand(args: readonly string[], environment: Environment): Promise<void> {
  const { flags, rest } = takeFlags(args);
  const [command, ...more] = rest;
  const sources = { flags, environment };
  switch (command) {
    case 'serve': {
      refuseUnknownFlags(more.filter((arg) => arg !== '--demo'));
      const { serve } = await import('./main/serve.js');
      // Fail points are for tests: no setting, so that nobody finds them in a list and tries.
      const testCommands = environment['VAGUEMESTRE_TEST_COMMANDS'] === '1';
      return serve(loadConfig(sources), { testCommands, demo: more.includes('--demo') });
    }
    case 'config':
      return (await import('./main/config-command.js')).runConfigCommand(more, sources);
    case '--version':
      process.stdout.write(`${readVersion()}\n`);
      return;
    case '--help':
    case 'help':
      process.stdout.write(await generalHelp());
      return;
    default: {
      const { knowsCommand } = await import('./admin/command-line.js');
      if (knowsCommand(rest)) {
        const { runAdminCommand } = await import('./main/admin-command.js');
        process.exitCode = await runAdminCommand(rest, loadConfig(sources));
        return;
      }
      if (command !== undefined) process.stderr.write(`vaguemestre: there is no command ${command}\n`);
      process.stderr.write(await generalHelp());
      process.exitCode = exitUsage;
    }
  }
}

function refuseUnknownFlags(args: readonly string[]): void {
  const known = settingKeys.map((key) => `--${key}`);
  const problems = args.map((arg) => {
    const flag = arg.split('=', 1)[0] ?? arg;
    return `${flag} (from the command line) is no setting${suggestion(flag, known)}`;
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Says what went wrong, in one sentence each where a person can mend it, and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) process.stderr.write(`vaguemestre: ${problem}\n`);
    return exitConfig;
  }
  if (error instanceof MailError) {
    process.stderr.write(`vaguemestre: ${error.message}\n`);
    return error.code === 'inUse' ? exitTemporary : error.code === 'invalid' ? exitUsage : exitUnavailable;
  }
  process.stderr.write(`vaguemestre: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitSoftware;
}
