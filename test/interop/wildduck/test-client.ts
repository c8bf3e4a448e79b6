/**
 * WildDuck's test client, by ours: sends commands one after another and gives back everything the server said. Where theirs
 * waits for silence before the next command, this one waits for the answer.
 */
import net from 'node:net';
import { runCallback } from './borrowed-suite.js';

export interface TestClientOptions {
  /** A list is one command in pieces. */
  readonly commands: readonly (string | readonly string[])[];
}

/** Where no answer is due (in the middle of an exchange), silence for so long is one. */
const silenceMs = 150;
const closeLimitMs = 1_000;

export function testClient(port: number, options: TestClientOptions, callback: (responses: Buffer) => void): void {
  converse(port, options.commands).then(
    (responses) => runCallback(() => callback(responses)),
    (error) =>
      runCallback(() => {
        throw error;
      }),
  );
}

async function converse(port: number, commands: TestClientOptions['commands']): Promise<Buffer> {
  const socket = net.connect({ host: '127.0.0.1', port });
  socket.setNoDelay(true);
  const chunks: Buffer[] = [];
  let wake = (): void => undefined;
  let ended = false;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  socket.on('close', () => {
    ended = true;
    wake();
  });
  socket.on('error', () => undefined);
  const said = (): string => Buffer.concat(chunks).toString('latin1');

  /** Resolves when `answered` holds of what came since, or nothing comes any more. */
  async function answer(from: number, answered: (text: string) => boolean): Promise<void> {
    while (!ended && !answered(said().slice(from))) {
      const before = chunks.length;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, silenceMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (chunks.length === before) return;
    }
  }

  await answer(0, (text) => text.endsWith('\r\n'));
  for (const command of commands) {
    if (ended) break;
    const from = said().length;
    const pieces = typeof command === 'string' ? [command] : command;
    const whole = pieces.join('');
    socket.write(Buffer.from(`${whole}\r\n`, 'latin1'));
    const tag = whole.split(' ')[0]!;
    await answer(from, (text) =>
      text
        .split('\r\n')
        .some((line, i, lines) => i < lines.length - 1 && (line.startsWith(`${tag} `) || line.startsWith('+'))),
    );
  }
  // Theirs waits for the server to close, for ever.
  const deadline = setTimeout(() => socket.destroy(), closeLimitMs);
  while (!ended) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  clearTimeout(deadline);
  return Buffer.concat(chunks);
}
