/** The command `vaguemestre`. Called by the launcher with its arguments and environment; nothing happens at import. */
export async function main(_args: readonly string[], _environment: NodeJS.ProcessEnv): Promise<void> {
  process.stderr.write('vaguemestre: no command yet\n');
  process.exitCode = 64;
}
